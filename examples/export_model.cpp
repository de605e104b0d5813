// Brings a trained net to where it is used: ONNX for other runtimes, a C++ header for a device without files, or
// safetensors for Python. docs/export.md says what is in them.
//   export_model --checkpoint runs/omniglot/latest --format onnx --output net.onnx
//   export_model --checkpoint runs/omniglot/latest --format onnx --output classes.onnx --classes FOLDER
//   export_model --checkpoint runs/omniglot/latest --format header --output my_net.hpp
//   export_model --checkpoint runs/omniglot/latest --format safetensors --output net.safetensors

// test: --checkpoint ../train_sseg_2/runs/demo/latest --format onnx --output net.onnx
// test: --checkpoint ../train_sseg_2/runs/demo/latest --format header --output my_net.hpp
// test: --checkpoint ../train_sseg_2/runs/demo/latest --format safetensors --output net.safetensors
// clang-format off
// test: --checkpoint ../train_sseg_7/runs/curriculum/latest --classes ../generate_curriculum_1/pictures/level_1 --format onnx --output classes.onnx
// clang-format on
#include <sseg/backend/cpu.hpp>
#include <sseg/experiment/class_folder.hpp>
#include <sseg/experiment/export_header.hpp>
#include <sseg/experiment/export_onnx.hpp>
#include <sseg/experiment/export_safetensors.hpp>
#include <sseg/io/atomic_file.hpp>

#include "support/evaluation.hpp"

using namespace sseg;

namespace {

int export_model(const CommandLine& args) {
  const std::string& format = args["--format"];
  require(format == "onnx" || format == "header" || format == "safetensors", "no such format", "--format",
          "give onnx, header or safetensors");
  const std::filesystem::path output = args["--output"];
  require(output.has_filename(), "no file is named", "--output", "name the file to write");
  const RunToEvaluate run = open_run(args);
  std::optional<ClassMeans> classes;
  if (!args["--classes"].empty()) {
    require(format != "header", "a header holds no classes", "--classes", "take another format, or leave it out");
    Cpu cpu(args.cpu());
    classes = class_folder(cpu, run.checkpoint, run.config, args["--classes"]);
  }

  if (format == "onnx")
    write_file_atomically(output, export_onnx(run.checkpoint, classes).bytes());
  else if (format == "safetensors")
    export_safetensors(run.checkpoint, classes).save(output);
  else
    write_file_atomically(output, export_header(run.checkpoint, output.stem().string()));
  const auto& cnn = backbone(run.checkpoint.state.model.net);
  std::printf("%s: net %s, images %s, %td features%s\n", output.c_str(), describe(cnn).c_str(),
              to_string(run.checkpoint.image).c_str(), feature_count(cnn, run.checkpoint.image),
              classes ? (", " + std::to_string(classes->names.size()) + " classes").c_str() : "");
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  return run_program(argc, argv,
                     {.program = "export_model",
                      .summary = "a trained net for other programs, languages and devices",
                      .flags = {{"--checkpoint", "checkpoint.safetensors of a run, or its folder", ""},
                                {"--format", "onnx, header or safetensors", "onnx"},
                                {"--output", "the file to write; of a header its stem names the namespace", ""},
                                {"--classes", "pictures to score against, a folder for each class", ""},
                                {"--threads", "0: all cores", "0"},
                                lanes_flag,
                                winograd_flag}},
                     export_model);
}
