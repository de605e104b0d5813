// dlib's smallest sensible net with convolutions (its example dnn_introduction_ex.cpp), trained and asked: the peer of
// train_a_net.cpp.
#include <dlib/dnn.h>

#include <vector>

using Net = dlib::loss_multiclass_log<dlib::fc<
    10, dlib::relu<dlib::fc<
            84, dlib::relu<dlib::fc<
                    120, dlib::max_pool<
                             2, 2, 2, 2,
                             dlib::relu<dlib::con<
                                 16, 5, 5, 1, 1,
                                 dlib::max_pool<2, 2, 2, 2,
                                                dlib::relu<dlib::con<
                                                    6, 5, 5, 1, 1, dlib::input<dlib::matrix<unsigned char>>>>>>>>>>>>>>;

int main() {
  Net net;
  std::vector<dlib::matrix<unsigned char>> images(4, dlib::zeros_matrix<unsigned char>(28, 28));
  const std::vector<unsigned long> labels{0, 1, 2, 3};
  dlib::dnn_trainer<Net> trainer(net);
  trainer.train_one_step(images.begin(), images.end(), labels.begin());
  return net(images[0]) < 10 ? 0 : 1;
}
