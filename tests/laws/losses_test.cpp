#include "laws/loss_law.hpp"
#include "sseg/ssl/dino.hpp"
#include "sseg/ssl/distillation.hpp"
#include "sseg/ssl/nt_xent.hpp"
#include "sseg/ssl/proto_clr.hpp"
#include "sseg/ssl/repel.hpp"
#include "sseg/ssl/rotation.hpp"

namespace losses_test {

using namespace sseg;
using law::obeys_loss_law;

TEST_CASE("NT-Xent obeys the loss law") {
  obeys_loss_law(NtXent{}, {2, 2, 2}, {2, 70, 33});
  obeys_loss_law(NtXent{.temperature = 0.5f}, {2, 5, 7}, {2, 131, 129});
}

TEST_CASE("DINO obeys the loss law with and without local views") {
  obeys_loss_law(Dino{}, {2, 3, 5}, {2, 33, 514});
  obeys_loss_law(Dino{.teacher_temperature = 0.3f, .warmup_teacher_temperature = 0.5f, .center_momentum = 0.6f},
                 {3, 1, 7}, {5, 17, 513});
  obeys_loss_law(Dino{.student_temperature = 0.3f}, {8, 2, 3}, {8, 31, 130});
}

TEST_CASE("Every distillation obeys the loss law") {
  obeys_loss_law(Distillation<MeanSquare>{}, {2, 1, 4}, {2, 65, 257});
  obeys_loss_law(Distillation<CosineDistance>{}, {2, 3, 5}, {2, 65, 257});
  obeys_loss_law(Distillation<KullbackLeibler>{}, {2, 2, 6}, {2, 65, 257});
  obeys_loss_law(Distillation<KullbackLeibler>{{.temperature = 2.f}}, {2, 3, 3}, {2, 33, 600});
}

TEST_CASE("Repel obeys the loss law") {
  obeys_loss_law(Repel{}, {2, 1, 4}, {2, 65, 257});
  obeys_loss_law(Repel{.margin = -0.2f, .temperature = 0.7f}, {2, 3, 5}, {2, 131, 129});
}

TEST_CASE("Rotation obeys the loss law for any number of copies") {
  obeys_loss_law(Rotation{}, {1, 5, 4}, {1, 3001, 4});
  obeys_loss_law(Rotation{}, {2, 3, 4}, {2, 2003, 4});
  obeys_loss_law(Rotation{}, {4, 3, 4}, {4, 1001, 4});
}

TEST_CASE("ProtoCLR obeys the loss law for any number of queries") {
  obeys_loss_law(ProtoClr{}, {2, 2, 3}, {2, 130, 33});
  obeys_loss_law(ProtoClr{.temperature = 3.f}, {4, 3, 5}, {4, 67, 129});
  obeys_loss_law(ProtoClr{.temperature = 0.5f}, {3, 5, 1}, {3, 45, 7});
}

TEST_CASE("No loss asks for more scratch than two views need") {
  law::uses_all_scratch(NtXent{}, {2, 3, 5});
  law::uses_all_scratch(Dino{}, {2, 3, 5});
  law::uses_all_scratch(Distillation<MeanSquare>{}, {2, 3, 5});
  law::uses_all_scratch(Distillation<CosineDistance>{}, {2, 3, 5});
  law::uses_all_scratch(Distillation<KullbackLeibler>{}, {2, 3, 5});
  law::uses_all_scratch(Repel{}, {2, 3, 5});
  law::uses_all_scratch(Rotation{}, {2, 3, 4});
  law::uses_all_scratch(ProtoClr{}, {2, 3, 5});
}

}  // namespace losses_test
