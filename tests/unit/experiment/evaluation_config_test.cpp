#include "sseg/experiment/evaluation_config.hpp"

#include <string>
#include <utility>

#include "support/catch.hpp"
#include "unit/io/contains.hpp"
#include "unit/io/message_of.hpp"

namespace evaluation_config_test {

using sseg::EvaluationConfig;
using sseg_test::Contains;
using sseg_test::message_of;

namespace {

std::string refusal(const std::string& assignment) {
  EvaluationConfig e;
  sseg::apply_override(e, assignment);
  return message_of([&] { sseg::check_evaluation(e); });
}

}  // namespace

TEST_CASE("protocols and shots that make no sense are refused by name") {
  CHECK_THAT(refusal("protocols=linear_prob"), Contains("did you mean 'linear_probe'?"));
  CHECK_THAT(refusal("protocols=prototypes,gmm"), Contains("the protocols are: prototypes, matching, linear_probe"));
  CHECK_THAT(refusal("protocols=[]"), Contains("evaluation.protocols"));
  CHECK_THAT(refusal("protocols=knn,prototypes,knn"), Contains("one twice"));
  for (const char* shots : {"shots=[]", "shots=0,1", "shots=-1", "shots=5,1,5"})
    CHECK_THAT(refusal(shots), Contains("evaluation.shots"));
  CHECK_THAT(refusal("groups=between"), Contains("evaluation.groups"));
  for (const auto& [setting, place] :
       {std::pair("matching.scale=0", "evaluation.matching"), std::pair("linear_probe.penalty=0", "evaluation.linear"),
        std::pair("cosine_classifier.rate=0", "evaluation.cosine"), std::pair("knn.k=0", "evaluation.knn"),
        std::pair("transductive.steps=-1", "evaluation.transductive"),
        std::pair("fine_tune.steps=-1", "evaluation.fine_tune")})
    CHECK_THAT(refusal(setting), Contains(place));
}

TEST_CASE("every protocol may be named, and pictures known by their best copies only to prototypes") {
  EvaluationConfig e;
  CHECK(sseg::uses_protocol(e, "prototypes"));
  CHECK_FALSE(sseg::uses_protocol(e, "knn"));
  CHECK(sseg::within_groups(e));
  e.protocols.assign(sseg::protocol_names.begin(), sseg::protocol_names.end());
  e.shots = {10, 1};
  e.groups = "mixed";
  CHECK_NOTHROW(sseg::check_evaluation(e));
  CHECK_FALSE(sseg::within_groups(e));
  e.copies = 2;
  CHECK_NOTHROW(sseg::check_evaluation(e));
  e.match = "best";
  CHECK_THAT(message_of([&] { sseg::check_evaluation(e); }), Contains("only prototypes"));
}

}  // namespace evaluation_config_test
