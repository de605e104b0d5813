#include "laws/protocol_law.hpp"
#include "sseg/fewshot/best_match.hpp"
#include "sseg/fewshot/cosine_classifier.hpp"
#include "sseg/fewshot/linear_probe.hpp"
#include "sseg/fewshot/matching_net.hpp"
#include "sseg/fewshot/nearest_neighbours.hpp"
#include "sseg/fewshot/prototypes.hpp"
#include "sseg/fewshot/transductive_prototypes.hpp"

namespace protocols_test {

using namespace sseg;

TEST_CASE("prototypes and best match obey the protocol law") {
  law::obeys_protocol_law(Prototypes<SquaredEuclidean>{}, 12);
  law::obeys_protocol_law(Prototypes<CosineSimilarity>{}, 12);
  law::obeys_protocol_law(Prototypes<Cl2n>{{std::vector<float>(12, 0.5f)}}, 12);
  law::obeys_protocol_law(BestMatch{1}, 12);
  law::obeys_protocol_law(BestMatch{2}, 12);
}

TEST_CASE("attention and nearest neighbours obey the protocol law") {
  law::obeys_protocol_law(MatchingNet{10}, 12);  // at scale 1 a class of four images draws from one of two
  law::obeys_protocol_law(MatchingNet{100}, 7);
  for (const Index k : {1, 3, 100}) law::obeys_protocol_law(NearestNeighbours{.k = k}, 12);
}

TEST_CASE("learned classifiers obey the protocol law, with more and with fewer values than images") {
  for (const Index dim : {4, 12, 33}) {
    law::obeys_protocol_law(LinearProbe{}, dim);
    law::obeys_protocol_law(LinearProbe{0.01}, dim);
    law::obeys_protocol_law(CosineClassifier{}, dim);
    law::obeys_protocol_law(CosineClassifier{.steps = 0}, dim);
  }
}

TEST_CASE("transductive prototypes obey the protocol law") {
  law::obeys_protocol_law(TransductivePrototypes{}, 12);
  law::obeys_protocol_law(TransductivePrototypes{.steps = 1, .scale = 2}, 12);
}

}  // namespace protocols_test
