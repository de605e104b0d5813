# Where real data lies, for tests and programs; without it, tests that need it skip and say so.

set(sseg_data_default "${PROJECT_SOURCE_DIR}/../shared/data")
cmake_path(NORMAL_PATH sseg_data_default)
if(NOT IS_DIRECTORY "${sseg_data_default}")
  set(sseg_data_default "")
endif()
set(SSEG_DATA_DIR "${sseg_data_default}" CACHE PATH "Folder with real data (omniglot/ …); empty: tests on real data skip")
