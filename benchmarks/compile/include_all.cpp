#include "sseg/sseg.hpp"

int main() {}
