# The outside libraries that sseg cannot do without, as SSEG_REQUIRED_LIBRARIES, and one report line for each.

# Eigen 5 refuses a find_package that asks for 3.4, so the version is checked by hand.
find_package(Eigen3 REQUIRED NO_MODULE)
if(Eigen3_VERSION VERSION_LESS 3.4)
  message(FATAL_ERROR "sseg needs Eigen 3.4 or newer; found ${Eigen3_VERSION} in ${Eigen3_DIR} (Debian: libeigen3-dev)")
endif()

find_package(Boost 1.70 REQUIRED)
get_target_property(boost_directories Boost::headers INTERFACE_INCLUDE_DIRECTORIES)
find_file(SSEG_HANA_HEADER boost/hana/core/is_a.hpp HINTS ${boost_directories})
mark_as_advanced(SSEG_HANA_HEADER)
if(NOT SSEG_HANA_HEADER)
  message(FATAL_ERROR "sseg needs Boost.Hana, which is not in ${boost_directories} (Debian: libboost-dev)")
endif()

find_package(xtl REQUIRED)
find_package(xtensor REQUIRED)
find_package(Threads REQUIRED)

set(SSEG_REQUIRED_LIBRARIES Eigen3::Eigen Boost::headers xtensor xtl Threads::Threads)
set(SSEG_REQUIRED_REPORT
    "Eigen ${Eigen3_VERSION}" "Boost ${Boost_VERSION} (Hana)" "xtensor ${xtensor_VERSION}, xtl ${xtl_VERSION}")
