#pragma once
#include <algorithm>
#include <cmath>
#include <vector>

#include "sseg/concepts/protocol.hpp"
#include "sseg/core/error.hpp"
#include "sseg/core/rng.hpp"
#include "support/catch.hpp"

namespace law {

/// Three classes of positive features around axes of their own, two to four examples each in mixed order, six queries.
struct ProtocolTask {
  sseg::Index dim = 0, way = 3;
  std::vector<float> support{}, query{};
  std::vector<sseg::Index> label{2, 0, 1, 0, 2, 2, 1, 0, 2}, truth{0, 1, 2, 2, 1, 0};

  explicit ProtocolTask(sseg::Index width) : dim(width) {
    sseg::Rng rng(7);
    const auto add = [&](std::vector<float>& rows, const std::vector<sseg::Index>& classes) {
      for (const sseg::Index k : classes)
        for (sseg::Index d = 0; d < dim; ++d) rows.push_back((d % way == k ? 2.f : 0.3f) + 0.3f * rng.uniform());
    };
    add(support, label);
    add(query, truth);
  }

  template <sseg::Protocol P>
  std::vector<float> scores(const P& protocol) const {
    const auto supports = static_cast<sseg::Index>(support.size()) / dim;
    const auto queries = static_cast<sseg::Index>(query.size()) / dim;
    std::vector<float> out(sseg::to_size(queries * way), -77.f);
    protocol.classify({{support.data(), {supports, dim}}, label, way, {query.data(), {queries, dim}}},
                      {out.data(), {queries, way}});
    return out;
  }
};

inline void check_near(const std::vector<float>& actual, const std::vector<float>& expected, float margin) {
  REQUIRE(actual.size() == expected.size());
  for (std::size_t i = 0; i < actual.size(); ++i) CHECK(std::abs(actual[i] - expected[i]) <= margin);
}

/// What every model of concepts/protocol.hpp does. `dim`: length of the rows that it takes.
template <sseg::Protocol P>
void obeys_protocol_law(const P& protocol, sseg::Index dim) {
  using sseg::Index;
  using sseg::to_size;
  INFO(P::name);
  const ProtocolTask task(dim);
  const std::vector<float> scores = task.scores(protocol);
  float largest = 1;
  for (const float s : scores) {
    CHECK(std::isfinite(s));
    largest = std::max(largest, std::abs(s));
  }
  const float margin = 2e-4f * largest;

  // Classes that stand apart are told apart, and the same question gets the same answer, bit for bit.
  for (std::size_t q = 0; q < task.truth.size(); ++q) {
    const auto row = scores.begin() + static_cast<Index>(q) * task.way;
    CHECK(std::max_element(row, row + task.way) - row == task.truth[q]);
  }
  CHECK(task.scores(protocol) == scores);
  CHECK(task.scores(P(protocol)) == scores);

  // The order of the support does not matter but for rounding.
  ProtocolTask turned = task;
  std::reverse(turned.label.begin(), turned.label.end());
  for (Index i = 0; i < static_cast<Index>(task.label.size()); ++i)
    std::copy_n(task.support.end() - (i + 1) * dim, dim, turned.support.begin() + i * dim);
  check_near(turned.scores(protocol), scores, margin);

  // Classes by other numbers get the same scores under these.
  ProtocolTask renamed = task;
  for (Index& k : renamed.label) k = (k + 1) % task.way;
  std::vector<float> expected = scores;
  for (std::size_t i = 0; i < scores.size(); ++i) {
    const std::size_t way = to_size(task.way), q = i / way, k = i % way;
    expected[q * way + (k + 1) % way] = scores[i];
  }
  check_near(renamed.scores(protocol), expected, margin);

  // Inductive: what else is asked changes no answer. Transductive: it does.
  ProtocolTask other = task;
  for (Index d = 0; d < 3 * dim; ++d) other.query[to_size(3 * dim + d)] *= d % 2 == 0 ? 0.2f : 3.f;
  std::vector<float> first = other.scores(protocol), as_before = scores;
  first.resize(to_size(3 * task.way));
  as_before.resize(first.size());
  CHECK((first == as_before) == sseg::inductive_of<P>);

  // Labels that do not fit are refused.
  const auto refused = [&](std::vector<Index> label) {
    ProtocolTask wrong = task;
    wrong.label = std::move(label);
    try {
      wrong.scores(protocol);
    } catch (const sseg::Error& e) {
      return !e.cure().empty();
    }
    return false;
  };
  CHECK(refused({0, 1, 2}));
  CHECK(refused({0, 1, 0, 1, 0, 1, 0, 1, 0}));
  CHECK(refused({0, 1, 2, 3, 0, 1, 2, 0, 1}));
  CHECK(refused({0, 1, 2, -1, 0, 1, 2, 0, 1}));
}

}  // namespace law
