// expect: sseg::Polygon: a polygon has at least three corners.
#include "sseg/curriculum/polygon.hpp"

using sseg::Point;

#ifdef SSEG_CONTROL
const auto shape = sseg::polygon(Point{0, 0}, Point{1, 0}, Point{0, 1});
#else
const auto shape = sseg::polygon(Point{0, 0}, Point{1, 0});
#endif

int main() { return shape.distance({0, 0}) > 1 ? 1 : 0; }
