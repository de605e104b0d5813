#pragma once
#include <string>
#include <vector>

#include "cuda/double/world.hpp"

/// What tests say to the double.
namespace cuda_double {

/// A world with these cards and nothing else. Throws: Misuse when something of the last world still lives.
void start(std::vector<Card> cards = {Card{}});

/// The calls so far, and which are to fail.
inline Calls& calls() { return world().calls; }
/// Every wrong use of a function so far, in words.
inline const std::vector<std::string>& complaints() { return world().complaints; }
/// Forgets the complaints and gives them.
std::vector<std::string> take_complaints();
/// Everything that was made and not given back: memory, streams, events, handles, graphs, descriptors.
std::vector<std::string> leaks();
inline void set_schedule(Schedule schedule) { world().streams.schedule = schedule; }

}  // namespace cuda_double
