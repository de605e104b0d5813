// Tells pictures apart by a few labelled examples of each class, with a net that train_sseg or pretrain_folder trained.
//   classify_folder --checkpoint runs/images/latest --examples examples --queries pictures
//   classify_folder --checkpoint … --examples examples.zip --queries one.jpg --format json
//   classify_folder --checkpoint … --examples examples --save_classes classes.safetensors
//   classify_folder --checkpoint … --classes classes.safetensors --queries pictures --output answers.csv
// docs/classify.md walks through it.
// clang-format off
// test: --checkpoint ../train_sseg_6/runs/curriculum/latest --examples ../generate_curriculum_1/pictures/level_1 --queries ../generate_curriculum_1/pictures --save_classes classes.safetensors
// test: --classes ../classify_folder_1/classes.safetensors --checkpoint ../train_sseg_6/runs/curriculum/latest --queries ../generate_curriculum_1/pictures/contact_sheet.png --format json --output answers.json
// test: --checkpoint ../pretrain_folder_1/runs/images/latest --examples ../generate_curriculum_1/pictures/level_1 --queries ../generate_curriculum_2/pictures/level_1 --threshold never --copies 0
// test: --checkpoint ../train_sseg_6/runs/curriculum/latest --examples ../generate_curriculum_5/pictures/level_1 --queries ../generate_curriculum_1/pictures/contact_sheet.png --threshold 0
// fails: --checkpoint ../train_sseg_6/runs/curriculum/latest --examples ../generate_curriculum_5/pictures/level_1 --queries ../generate_curriculum_1/pictures/contact_sheet.png --threshold never
// clang-format on
#include <sseg/backend/cpu.hpp>
#include <sseg/experiment/answer_writer.hpp>

#include <cstdio>
#include <optional>
#include <string>

#include "support/command_line.hpp"

using namespace sseg;

namespace {

ClassifierOptions options_of(const CommandLine& args) {
  ClassifierOptions options{.features = args["--features"]};
  if (args["--copies"] != "auto") options.copies = args.number<Index>("--copies", 0, 1024, "give 0 to 1024, or auto");
  return options;
}

FolderClassifier<Cpu> classifier_of(const CommandLine& args, Cpu& cpu) {
  require(!args["--checkpoint"].empty(), "no checkpoint is named", "--checkpoint",
          "name a run folder or its checkpoint.safetensors");
  require(args["--examples"].empty() != args["--classes"].empty(), "the classes must be named once",
          "--examples, --classes",
          "name a folder with one sub-folder of examples a class, or a file of --save_classes");
  ClassifierNet net = load_classifier_net(args["--checkpoint"], options_of(args));
  if (!args["--classes"].empty()) return {cpu, std::move(net), load_classes(args["--classes"])};
  const Images examples = load_examples(args["--examples"], net);
  return {cpu, std::move(net), examples};
}

void choose_threshold(const CommandLine& args, FolderClassifier<Cpu>& classifier) {
  const std::string& given = args["--threshold"];
  if (given == "never")
    classifier.set_threshold(std::nullopt);
  else if (given != "auto")
    classifier.set_threshold(args.number<double>("--threshold", -1, 1, "give a similarity of -1 to 1, auto or never"));
}

void say_what_is_known(const FolderClassifier<Cpu>& classifier) {
  const KnownClasses& known = classifier.classes();
  const ScoreCalibration& c = known.calibration;
  std::fprintf(stderr, "%td classes, %td examples; %s\n", known.way(), known.rows.size(),
               classifier.net().protocol().c_str());
  std::fprintf(stderr, "confidence: softmax of %.1f x similarity (%s)\n", c.scale,
               c.left_out > 0 && known.way() > 1 ? "fitted to examples left out in turn" : "the default");
  if (c.threshold)
    std::fprintf(stderr, "'none of these' below a similarity of %.4f\n", *c.threshold);
  else
    std::fprintf(stderr, "no threshold: every picture gets a class\n");
}

int classify(const CommandLine& args) {
  require(args.overrides.empty(), "settings are those of the checkpoint", "command line",
          "leave out what is no flag; see --help");
  require(!args["--queries"].empty() || !args["--save_classes"].empty(), "there is nothing to do", "--queries",
          "name pictures to classify, or a file by --save_classes");
  Cpu cpu(args.cpu());
  FolderClassifier<Cpu> classifier = classifier_of(args, cpu);
  choose_threshold(args, classifier);
  say_what_is_known(classifier);
  if (!args["--save_classes"].empty()) save_classes(args["--save_classes"], classifier.classes());
  if (args["--queries"].empty()) return 0;

  const QueryPictures queries(args["--queries"]);
  AnswerWriter writer(classifier, args["--format"], args["--output"]);
  const QueryCounts counts = classify_queries(cpu, classifier, queries, [&](const QueryResult& r) {
    if (!r.answer) std::fprintf(stderr, "unreadable: %s: %s\n", r.path.c_str(), r.reason.c_str());
    writer.add(r);
  });
  writer.finish();
  std::fprintf(stderr, "%td pictures: %td of a class, %td of none, %td unreadable\n", counts.all(), counts.known,
               counts.none_of_these, counts.unreadable);
  return counts.unreadable == counts.all() ? 1 : 0;
}

}  // namespace

int main(int argc, char** argv) {
  return run_program(
      argc, argv,
      {.program = "classify_folder",
       .summary = "tells pictures apart by a few labelled examples of each class",
       .flags = {{"--checkpoint", "a run folder or its checkpoint.safetensors", ""},
                 {"--examples", "a folder or archive with one sub-folder of pictures a class", ""},
                 {"--classes", "instead of examples: a file of --save_classes", ""},
                 {"--save_classes", "write the classes here, so that no examples are needed", ""},
                 {"--queries", "a folder with all below it, an archive, or one picture", ""},
                 {"--format", "csv or json", "csv"},
                 {"--output", "a file, or - for standard output", "-"},
                 {"--threshold", "'none of these' below this similarity; auto, or never", "auto"},
                 {"--copies", "distorted copies of every picture; auto: as the run's evaluation", "auto"},
                 {"--features", "plain, whitened, or auto", "auto"},
                 {"--threads", "0: all cores", "0"},
                 lanes_flag,
                 winograd_flag},
       .operands = "--checkpoint RUN --examples FOLDER --queries FOLDER"},
      classify);
}
