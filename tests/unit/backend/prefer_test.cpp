#include "sseg/backend/prefer.hpp"

#include "sseg/backend/reference.hpp"
#include "support/catch.hpp"

namespace prefer_test {

using namespace sseg;

namespace {

/// Serves Add only, and only short ones; writes a mark instead of the sum.
struct Picky {
  static constexpr std::string_view name = "picky";
  using Scalar = float;
  using Space = HostSpace;
  bool can(const Add<float>& a) const { return a.count < 3; }
  void run(const Add<float>& a) {
    for (Index i = 0; i < a.count; ++i) a.y[i] = 42;
  }
};

/// An operation that no other backend knows.
struct Special {
  int* calls;
};
struct Specialist : Picky {
  using Picky::can;
  using Picky::run;
  bool can(const Special&) const { return false; }
  void run(const Special& s) { ++*s.calls; }
};

using Both = Prefer<Picky, Reference<float>>;
static_assert(Backend<Both>);
static_assert(Serves<Both, Add<float>>);
static_assert(Serves<Both, ReluForward<float>>);
static_assert(!Serves<Both, Special>);
static_assert(Serves<Prefer<Specialist, Reference<float>>, Special>);
static_assert(Backend<Prefer<Both, Reference<float>>>);

}  // namespace

TEST_CASE("prefer takes the first backend that can and counts the other times") {
  Both both;
  const float a[3]{1, 2, 3}, b[3]{10, 20, 30};
  float y[3]{};
  dispatch(both, Add<float>{2, a, b, y});
  CHECK(y[0] == 42);
  CHECK(both.fallbacks() == 0);
  dispatch(both, Add<float>{3, a, b, y});
  CHECK(y[2] == 33);
  CHECK(both.fallbacks() == 1);
  dispatch(both, ReluForward<float>{3, a, y});
  CHECK(y[2] == 3);
  CHECK(both.fallbacks() == 2);
  CHECK(both.can(Add<float>{3, a, b, y}));
}

TEST_CASE("prefer asks the second backend too, and reports what nobody can") {
  Prefer<Picky, Picky> both{Picky{}, Picky{}};
  CHECK(both.can(Add<float>{2, nullptr, nullptr, nullptr}));
  CHECK_FALSE(both.can(Add<float>{3, nullptr, nullptr, nullptr}));
}

TEST_CASE("an operation that only the first backend knows runs there") {
  Prefer<Specialist, Reference<float>> both;
  int calls = 0;
  CHECK_FALSE(both.can(Special{&calls}));
  both.run(Special{&calls});
  CHECK(calls == 1);
  CHECK(both.fallbacks() == 0);
}

TEST_CASE("prefer builds two backends in place, each from its own arguments") {
  struct Fixed : Picky {
    explicit Fixed(int m) : mark(m) {}
    Fixed(const Fixed&) = delete;
    Fixed& operator=(const Fixed&) = delete;
    int mark;
  };
  Prefer<Fixed, Fixed> both(std::piecewise_construct, std::tuple(3), std::tuple(4));
  CHECK(both.first().mark == 3);
  CHECK(both.second().mark == 4);
}

TEST_CASE("An operation that a backend does not take is an error, with the backend's own words where it has any") {
  struct Speaker : Picky {
    Error refusal(const Add<float>& a) const { return {"too many", std::to_string(a.count), "give two"}; }
  };
  float y[3]{};
  const Add<float> three{3, y, y, y};
  Picky picky;
  CHECK_THROWS_WITH(dispatch(picky, three), Catch::Matchers::Contains("does not take an operation of these sizes") &&
                                                Catch::Matchers::Contains("picky"));
  Speaker speaker;
  CHECK_THROWS_WITH(dispatch(speaker, three),
                    Catch::Matchers::Contains("too many") && Catch::Matchers::Contains("give two"));
  Prefer<Picky, Picky> both;
  CHECK_THROWS_WITH(dispatch(both, three), Catch::Matchers::Contains("prefer"));
  CHECK(y[2] == 0);
}

}  // namespace prefer_test
