// Pretrains with several processes, over MPI: each trains on its part of every batch, on as many machines as mpirun or
// srun starts them, on the CPU or, where all have one, on a GPU each.
//   mpirun -np 2 train_ranks --preset omniglot data.path=images_background_small1.zip
//   mpirun -np 4 train_ranks --config exp.yaml --threads 2 train.batch=512
//   mpirun -np 8 train_ranks --resume auto                 with any number of ranks
//   mpirun -np 4 train_ranks backend=cuda --communicator nccl      a GPU each, tensors from GPU to GPU
// `train.batch` is the batch of all ranks together, so a run comes to the same net, but for rounding, on any number of
// them; `train.share_statistics=false` gives each rank batch norms of its own, which is another run. All ranks see the
// same files. SIGTERM to any rank ends the run after its step, with a checkpoint.
// test: --threads 2 train.steps=12 train.probe_every=6 data.count=200 data.probe_images=32
// test: --threads 1 --resume ../train_ranks_1/runs/demo/latest train.steps=18
// fails: --preset no_such
// test: --bucket 0 --communicator mpi train.steps=4 train.probe_every=2 data.count=100 data.probe_images=16
// fails: --timeout 0 train.steps=10
// fails: --bucket -1 train.steps=10
// fails: --communicator tcp train.steps=10
// fails: --communicator nccl backend=cpu train.steps=10
// fails: --cuda_graph on backend=cpu train.steps=10
#include <sseg/dist/across_ranks.hpp>
#include <sseg/dist/gather_texts.hpp>
#include <sseg/dist/mpi.hpp>
#include <sseg/experiment/load_images.hpp>
#include <sseg/experiment/pretrain.hpp>
#include <sseg/experiment/run_meta.hpp>

#include "support/command_line.hpp"
#include "support/ranks.hpp"
#include "support/resume.hpp"
#include "support/stop_on_interrupt.hpp"

using namespace sseg;

namespace {

Start start_of(const CommandLine& args) {
  const std::string& named = args["--preset"];
  if (!args["--resume"].empty()) return resumed(args, preset_named(named.empty() ? "demo" : named));
  const auto experiment = args.config_file();
  RunConfig config = preset_named(!named.empty() ? named : experiment ? experiment->base() : "demo");
  args.configure(config);
  return {config};
}

double timeout_of(const CommandLine& args) {
  return args.number<double>("--timeout", 0.1, 1e6, "give seconds, 0.1 or more");
}

/// The folder that rank 0 has made, on all ranks.
RunFolder new_folder(Mpi& ranks, const CommandLine& args, const RunConfig& config) {
  std::string path;
  if (ranks.rank() == 0) path = RunFolder::create(args["--output_dir"], config.name).path();
  return RunFolder(gather_texts(ranks, path)[0]);
}

template <class B>
int train_on(B& backend, Mpi& ranks, const CommandLine& args, Start start) {
  auto& [config, state, folder] = start;
  const bool first = ranks.rank() == 0;
  std::optional<RunMetaFile> meta;
  const int threads = backend.threads().count();
  if (first) meta.emplace(folder->meta(), args.words, threads, config.seed, arithmetic_of(backend.inner()));
  const AnyDataset images = training_data(config);
  if (first)
    std::printf("%td images of %s, labels unused; %d ranks of %d threads; run folder %s\n", images.size(),
                std::string(images.spec().name).c_str(), ranks.size(), threads, folder->path().c_str());
  const PretrainResult result = pretrain(backend, config, images, *folder, stop_on_interrupt(), std::move(state),
                                         stdout, args.number<int>("--loaders", 0, 256, "give 0 (none) to 256 threads"));
  if (!first) return result.finished() ? 0 : 130;
  meta->end(result.finished() ? "finished" : "interrupted");
  if (!result.finished()) {
    std::printf("\nstopped after step %td. To go on: train_ranks --resume %s\n", result.state.step,
                folder->path().c_str());
    return 130;
  }
  std::printf("ended at step %td: %s; net %s, %td mutations\ncheckpoint: %s\nrank 0 sent %td bytes and waited %.1f s\n",
              result.state.step, std::string(to_string(result.ending)).c_str(),
              describe(backbone(result.state.model.net)).c_str(), static_cast<Index>(result.state.history.size()),
              folder->checkpoint().c_str(), ranks.traffic().bytes, ranks.traffic().seconds);
  return 0;
}

int train(Mpi& ranks, const CommandLine& args) {
  Start start = start_of(args);
  const RunConfig& config = start.config;
  if (args.print_config) return ranks.rank() == 0 ? std::printf("%s", to_yaml_with_help(config).c_str()), 0 : 0;
  if (!start.folder) start.folder.emplace(new_folder(ranks, args, config));
  const RankChoice choice{.backend = config.backend,
                          .precision = config.precision,
                          .communicator = args["--communicator"],
                          .share_statistics = config.train.share_statistics,
                          .bucket = args.number<Index>("--bucket", 0, Index{1} << 28, "give 0 to 268435456 parameters"),
                          .timeout = timeout_of(args),
                          .graphs = cuda::graph_use(args["--cuda_graph"]),
                          .host = args.cpu()};
  const RankOutput out(ranks);
  return across_ranks(ranks, choice, out.get(),
                      [&](auto& backend) { return train_on(backend, ranks, args, std::move(start)); });
}

}  // namespace

int main(int argc, char** argv) {
  return run_program(
      argc, argv,
      {.program = "train_ranks",
       .summary = "self-supervised pretraining of a growing net by several processes (mpirun -np N)",
       .flags = {{"--config", "an experiment: YAML or JSON, see examples/configs", ""},
                 {"--preset", "demo (default), curriculum, omniglot …; data.path names pictures", ""},
                 {"--resume", "a run folder, or auto for the newest", ""},
                 {"--output_dir", "where run folders are made", "runs"},
                 {"--threads", "of each rank; 0: all cores", "1"},
                 lanes_flag,
                 winograd_flag,
                 {"--loaders", "threads that make the pictures of the next steps meanwhile", "0"},
                 {"--communicator", "how tensors are sent: auto, mpi, or nccl from GPU to GPU", "auto"},
                 {"--bucket", "parameters whose gradients are summed at once; 0: all, after backward", "65536"},
                 cuda_graph_flag,
                 {"--timeout", "seconds that a rank waits for the others before it gives up", "600"}}},
      [](const CommandLine& args) {
        Mpi ranks({timeout_of(args)});
        return ranks.guard([&] { return train(ranks, args); });
      });
}
