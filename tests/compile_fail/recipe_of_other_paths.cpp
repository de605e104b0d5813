// expect: what a recipe says of paths is sseg::NoRouting or sseg::RoutingPolicy
#include "sseg/augment/brightness.hpp"
#include "sseg/evolve/grow.hpp"
#include "sseg/optim/adamw.hpp"
#include "sseg/optim/schedule.hpp"
#include "sseg/ssl/nt_xent.hpp"
#include "sseg/train/recipe.hpp"

int main() {
  sseg::RouterConfig router;
#ifdef SSEG_CONTROL
  const sseg::RoutingPolicy paths{router};
#else
  const auto paths = router;
#endif
  const auto recipe =
      sseg::make_recipe(sseg::two_views(sseg::Brightness{}), sseg::objective(sseg::task(sseg::NtXent{})), sseg::AdamW{},
                        sseg::Cosine{}, sseg::EmaTeacher{}, sseg::Evolve<sseg::Plateau, sseg::Grow>{}, paths);
  return recipe.may_route ? 0 : 1;
}
