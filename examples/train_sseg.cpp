// Pretrains without labels, growing as it learns, and writes a run folder with a checkpoint.
//   train_sseg --omniglot images_background_small1.zip      Omniglot, as downloaded or unpacked
//   train_sseg --cifar_fs cifar-100-binary                  CIFAR-FS: the folder of CIFAR-100's binary version
//   train_sseg                                              the synthetic shapes of the demo
//   train_sseg --config exp.yaml                            an experiment (examples/configs), or a run's config.yaml
//   train_sseg --resume auto                                go on with the newest run
//   train_sseg --architecture RUN --match macs              a control of growth: RUN's final net from scratch
// test: --omniglot ${data}/omniglot/images_background_small1.zip train.steps=30 train.probe_every=9 evaluation.copies=4
// test: --threads 2 train.steps=30 train.probe_every=10 data.count=400 data.probe_images=64
// test: --threads 2 name=routed nase.enabled=true nase.router.unit=channel nase.router.ramp_steps=0 train.steps=30
// test: --threads 2 name=trials train.steps=20 train.probe_every=10 evolution.growth.selector.choice=trial
// test: --architecture ../train_sseg_2/runs/demo/latest --threads 2
// clang-format off
// test: --threads 2 --preset curriculum --loaders 1 data.count=40 data.image_size=16 train.steps=12 train.batch=16 train.probe_every=6 data.probe_images=32
// test: --threads 2 --preset curriculum data.path=../generate_curriculum_1/pictures data.train_kinds=5 data.image_size=20 train.steps=6 train.batch=4 train.probe_every=3 data.probe_images=8
// test: --config ../train_sseg_2/runs/demo/latest/config.yaml --threads 1
// test: --config ${examples}/configs/exp_full_pipeline.yaml --threads 2 data.count=60 data.image_size=16 train.steps=6 train.batch=8 train.probe_every=3 data.probe_images=8
// test: --threads 2 --lanes 4 --winograd no name=plain train.steps=10 train.probe_every=5 data.count=200 data.probe_images=32
// fails: --lanes 5 train.steps=10
// fails: --winograd perhaps train.steps=10
// fails: --cuda_graph perhaps train.steps=10
// fails: --cuda_graph on backend=cpu train.steps=10
// fails: backend=tpu train.steps=10
// fails: --config ${examples}/configs/full_pipeline.json
// fails: --config ${examples}/configs/quick_demo.yaml --preset omniglot
// fails: precision=f8 train.steps=10
// test: --threads 2 name=wish precision=tf32 train.steps=4 train.batch=16 train.probe_every=2 data.count=60 data.probe_images=16
// clang-format on
#include <sseg/backend/cuda_or_cpu.hpp>
#include <sseg/experiment/architecture.hpp>
#include <sseg/experiment/load_images.hpp>
#include <sseg/experiment/pretrain.hpp>
#include <sseg/experiment/run_meta.hpp>
#include <sseg/experiment/sample_views.hpp>

#include <string>

#include "support/command_line.hpp"
#include "support/resume.hpp"
#include "support/stop_on_interrupt.hpp"

using namespace sseg;

namespace {

/// A control of growth: the earlier run's settings, its final net with fresh weights, no growth, and as many steps or
/// multiply-adds.
Start control(const CommandLine& args, const RunConfig& preset) {
  const std::string& match = args["--match"];
  require(match == "steps" || match == "macs", "no such way to match a run", "--match", "give steps or macs");
  Start start = earlier_run(resume_folder(args["--architecture"], args["--output_dir"]), preset);
  const auto& run = *start.state;
  const Index side = start.config.data.image_size, channels = entry_conv(stages(backbone(run.model.net))[0]).in;
  start.config.evolution.growth.trigger.kind = "never";
  start.config.train.steps = match == "macs" ? equal_macs_steps(run, {side, side, channels}) : run.step;
  args.configure(start.config);
  start.state = untrained_like(run, start.config);
  start.folder.reset();
  return start;
}

/// The preset that an experiment changes: the command line may name it, where the experiment does not say another.
std::string preset_with(const std::string& named, const ConfigFile& experiment) {
  require(named.empty() || experiment.preset.empty() || named == experiment.preset,
          "the experiment changes another preset", "--config",
          "leave out the flag that names data or a preset, or take another experiment");
  return named.empty() ? experiment.base() : named;
}

/// The preset that the command line names, or that a flag with pictures or an experiment stands for.
RunConfig preset_of(const CommandLine& args) {
  std::string name, path;
  for (const std::string set : {"omniglot", "cifar_fs", "mini_imagenet", "images", "idx"}) {
    const std::string& given = args["--" + set];
    if (given.empty()) continue;
    require(path.empty(), "two data sets are named", "command line", "name one of them");
    name = set, path = given;
  }
  const std::string& wanted = args["--preset"];
  require(wanted.empty() || (path.empty() && args["--resume"].empty() && args["--architecture"].empty()),
          "the preset is decided already", "--preset", "leave it out, or name pictures by data.path=");
  if (!wanted.empty()) name = wanted;
  if (const auto experiment = args.config_file()) name = preset_with(name, *experiment);
  RunConfig preset = preset_named(name.empty() ? "demo" : name);
  preset.data.path = path;
  return preset;
}

Start start_of(const CommandLine& args) {
  require(args["--architecture"].empty() || args["--resume"].empty(), "a control of growth starts anew",
          "--architecture, --resume", "resume the control's own run folder");
  RunConfig preset = preset_of(args);
  if (!args["--resume"].empty()) return resumed(args, preset);
  if (!args["--architecture"].empty()) return control(args, preset);
  CommandLine given = args;  // a flag that names pictures goes before the experiment's
  if (!preset.data.path.empty()) given.overrides.insert(given.overrides.begin(), "data.path=" + preset.data.path);
  RunConfig config = preset;
  given.configure(config);
  require(preset.data.path.empty() || config.data.source == preset.data.source, "the experiment is one on other images",
          "--config", "leave the flag out that names pictures, or take another experiment");
  return {config};
}

template <class B>
int train_on(B& backend, const CommandLine& args, Start start) {
  auto& [config, state, folder] = start;
  if (!folder) folder.emplace(RunFolder::create(args["--output_dir"], config.name));
  RunMetaFile meta(folder->meta(), args.words, backend.threads().count(), config.seed, arithmetic_of(backend));
  const AnyDataset images = training_data(config);
  std::printf("%td images of %s, labels unused; %d threads; run folder %s\n", images.size(),
              std::string(images.spec().name).c_str(), backend.threads().count(), folder->path().c_str());
  if (!state || state->step == 0) log_sample_views(folder->path(), config, images);
  const PretrainResult result = pretrain(backend, config, images, *folder, stop_on_interrupt(), std::move(state),
                                         stdout, args.number<int>("--loaders", 0, 256, "give 0 (none) to 256 threads"));
  meta.end(result.finished() ? "finished" : "interrupted");
  if (!result.finished()) {
    std::printf("\nstopped after step %td. To go on: train_sseg --resume %s\n", result.state.step,
                folder->path().c_str());
    return 130;
  }
  if (result.ending != Ending::last_step)
    std::printf("ended at step %td of %td: %s\n", result.state.step, config.train.steps,
                std::string(to_string(result.ending)).c_str());
  std::printf("net %s, %td mutations, %td parameters\ncheckpoint: %s\n",
              describe(backbone(result.state.model.net)).c_str(), static_cast<Index>(result.state.history.size()),
              result.state.model.net.param_count(), folder->checkpoint().c_str());
  return 0;
}

int train(const CommandLine& args) {
  Start start = start_of(args);
  if (args.print_config) return std::printf("%s", to_yaml_with_help(start.config).c_str()), 0;
  const RunConfig config = start.config;
  return with_cuda_or_cpu({config.backend, config.precision, cuda::graph_use(args["--cuda_graph"])}, {}, args.cpu(),
                          stdout, [&](auto& backend) { return train_on(backend, args, std::move(start)); });
}

}  // namespace

int main(int argc, char** argv) {
  return run_program(argc, argv,
                     {.program = "train_sseg",
                      .summary = "self-supervised pretraining of a growing net",
                      .flags = {{"--omniglot", "images_background_small1.zip or its unpacked folder", ""},
                                {"--cifar_fs", "CIFAR-100 or CIFAR-FS, in any of its forms", ""},
                                {"--mini_imagenet", "mini-ImageNet, in any of its forms", ""},
                                {"--images", "pictures of your own: a folder or an archive", ""},
                                {"--idx", "a folder of IDX files: MNIST, Fashion-MNIST", ""},
                                {"--config", "an experiment: YAML or JSON, see examples/configs", ""},
                                {"--preset", "demo (default), curriculum, or by name one of these sets", ""},
                                {"--resume", "a run folder, or auto for the newest", ""},
                                {"--architecture", "a run whose final net is trained from scratch", ""},
                                {"--match", "of --architecture: as many steps, or macs", "macs"},
                                {"--output_dir", "where run folders are made", "runs"},
                                {"--threads", "0: all cores", "0"},
                                lanes_flag,
                                winograd_flag,
                                cuda_graph_flag,
                                {"--loaders", "threads that make the pictures of the next steps meanwhile", "0"}}},
                     train);
}
