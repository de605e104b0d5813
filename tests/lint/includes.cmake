# cmake -DROOT=<…/include/sseg> -P includes.cmake
# Rules on which header may include which. Fails with one line for each fault.
cmake_minimum_required(VERSION 3.25)

# A folder includes only itself and the folders before it.
set(order
    core meta concepts io backend layer net head optim ssl data augment curriculum nase fewshot evolve train report dist
    experiment)

# Outside library (pattern of the included name) -> the headers that may include it (pattern, below include/sseg).
set(doors
    "^(Eigen|unsupported/Eigen)/=^backend/cpu/.*eigen.*\\.hpp$"
    "^boost/hana/=^meta/.*\\.hpp$"
    "^(xtensor|xtl)/=^core/xtensor\\.hpp$"
    "^(oneapi/dnnl/)?dnnl.*\\.h(pp)?$=^backend/onednn/library\\.hpp$"
    "^dlfcn\\.h$=^backend/onednn/one_omp_thread\\.hpp$"
    "^cuda_runtime_api\\.h$=^backend/cuda/runtime\\.hpp$"
    "^cudnn\\.h$=^backend/cuda/cudnn\\.hpp$"
    "^cublas_v2\\.h$=^backend/cuda/blas\\.hpp$"
    "^nvrtc\\.h$=^backend/cuda/nvrtc\\.hpp$"
    "^nccl\\.h$=^dist/nccl_library\\.hpp$"
    "^mpi\\.h$=^dist/mpi_library\\.hpp$"
    "^nlohmann/=^io/json\\.hpp$"
    "^(archive|archive_entry)\\.h$=^io/archive\\.hpp$"
    "^(jpeglib|jerror)\\.h$=^io/jpeg\\.hpp$"
    "^png\\.h$=^io/png\\.hpp$"
    "^zlib\\.h$=^io/gzip\\.hpp$"
    "^zip\\.h$=^io/zip\\.hpp$")

# Headers of the operating system and the compiler, by file; everything else outside must have a door above.
set(platform "^(unistd\\.h|fcntl\\.h|sys/[a-z]+\\.h)$")

set(line_limit 400)
set(faults "")

function(fault text)
  set(faults "${faults}\n  ${text}" PARENT_SCOPE)
endfunction()

file(GLOB_RECURSE headers RELATIVE "${ROOT}" "${ROOT}/*.hpp")
file(GLOB_RECURSE all_files RELATIVE "${ROOT}" "${ROOT}/*")
foreach(file IN LISTS all_files)
  if(NOT file MATCHES "\\.(hpp|inc)$")
    fault("${file}: only .hpp and .inc files live here")
  endif()
endforeach()

foreach(header IN LISTS headers)
  file(READ "${ROOT}/${header}" text)
  string(REGEX MATCHALL "\n" newlines "${text}")
  list(LENGTH newlines lines)
  if(lines GREATER line_limit)
    fault("${header}: ${lines} lines, the limit is ${line_limit}")
  endif()
  if(NOT text MATCHES "^#pragma once\n")
    fault("${header}: the first line must be #pragma once")
  endif()

  # Position of the header's own folder. An umbrella header <folder>.hpp counts as its folder; sseg.hpp sees all.
  string(REGEX REPLACE "/.*$" "" folder "${header}")
  string(REGEX REPLACE "\\.hpp$" "" folder "${folder}")
  list(FIND order "${folder}" own_rank)
  if(header STREQUAL "sseg.hpp")
    list(LENGTH order own_rank)
  elseif(own_rank EQUAL -1)
    fault("${header}: the folder '${folder}' has no place in the order of folders")
    continue()
  endif()
  set(is_umbrella FALSE)
  if(NOT header MATCHES "/")
    set(is_umbrella TRUE)
  endif()

  file(STRINGS "${ROOT}/${header}" includes REGEX "^[ \t]*#[ \t]*include")
  foreach(line IN LISTS includes)
    if(line MATCHES "include[ \t]*\"([^\"]+)\"")
      set(name "${CMAKE_MATCH_1}")
      if(NOT name MATCHES "^sseg/(.+)$")
        fault("${header}: includes \"${name}\"; write project headers as \"sseg/folder/name.hpp\"")
        continue()
      endif()
      set(target "${CMAKE_MATCH_1}")
      if(NOT EXISTS "${ROOT}/${target}")
        fault("${header}: includes \"${name}\", which does not exist")
      endif()
      if(target STREQUAL "sseg.hpp")
        fault("${header}: includes sseg.hpp, which is for users only")
        continue()
      endif()
      if(NOT target MATCHES "/" AND NOT header STREQUAL "sseg.hpp")
        fault("${header}: includes the umbrella ${target}; include the headers it needs")
        continue()
      endif()
      string(REGEX REPLACE "/.*$" "" other "${target}")
      string(REGEX REPLACE "\\.hpp$" "" other "${other}")
      list(FIND order "${other}" other_rank)
      if(other_rank EQUAL -1)
        fault("${header}: includes ${target}, whose folder has no place in the order")
      elseif(other_rank GREATER own_rank)
        fault("${header}: includes ${target}, but '${folder}' stands above '${other}'")
      elseif(is_umbrella AND other_rank LESS own_rank AND NOT header STREQUAL "sseg.hpp")
        fault("${header}: includes ${target}; an umbrella gathers its own folder only")
      endif()
    elseif(line MATCHES "include[ \t]*<([^>]+)>")
      set(name "${CMAKE_MATCH_1}")
      if(name MATCHES "^[a-z_0-9]+$" OR name MATCHES "${platform}")
        continue()
      endif()
      if(name STREQUAL "boost/hana.hpp")
        fault("${header}: includes <boost/hana.hpp>; include single Hana headers")
        continue()
      endif()
      set(known FALSE)
      foreach(door IN LISTS doors)
        string(REGEX MATCH "^(.*)=(\\^.*)$" ignored "${door}")
        set(library "${CMAKE_MATCH_1}")
        set(allowed "${CMAKE_MATCH_2}")
        if(name MATCHES "${library}")
          set(known TRUE)
          if(NOT header MATCHES "${allowed}")
            fault("${header}: includes <${name}>, which has its own door header")
          endif()
        endif()
      endforeach()
      if(NOT known)
        fault("${header}: includes <${name}>, an outside library without a door header")
      endif()
    else()
      fault("${header}: cannot read '${line}'")
    endif()
  endforeach()
endforeach()

# An umbrella that forgets a header hides it from users. What lies behind one of these doors is included by name: its
# library is optional, or (xtensor) dear to compile for those who do not use it.
function(reach header)
  if(header IN_LIST reached)
    return()
  endif()
  list(APPEND reached "${header}")
  if(EXISTS "${ROOT}/${header}")
    file(STRINGS "${ROOT}/${header}" lines REGEX "^[ \t]*#[ \t]*include[ \t]*\"sseg/")
    foreach(line IN LISTS lines)
      string(REGEX REPLACE "^[^\"]*\"sseg/([^\"]*)\".*" "\\1" next "${line}")
      reach("${next}")
    endforeach()
  endif()
  set(reached "${reached}" PARENT_SCOPE)
endfunction()

set(optional_doors backend/cuda/nvrtc.hpp backend/cuda/runtime.hpp backend/onednn/library.hpp core/xtensor.hpp dist/mpi_library.hpp dist/nccl_library.hpp io/archive.hpp io/gzip.hpp io/jpeg.hpp io/json.hpp io/png.hpp io/zip.hpp)
# Readers and writers of foreign files need no library, but time to compile: they are included by the name of what they
# read or write.
set(by_name "^backend/cuda" "^backend/onednn" "^io/(pickle|mapped_file|csv_table|named_bytes|filled_lines|archive_path|pnm|with_channels|word_sum)"
            "^data/(cifar|mini_imagenet|omniglot_vinyals|omniglot_set|pickle|picture_|mapped|byte_stack|class_counts)"
            "^data/(decode_idx|describe|image_folder|fit_picture|read_all)" "^io/(yaml|onnx|wire_|crc32c)"
            "^report/(table|svg_|html_|event_|cxx_)" "^dist/agreed_way" "^fewshot/(linear_probe|fine_tune|knn|matching)")
list(JOIN by_name "|" by_name)
if("sseg.hpp" IN_LIST headers)
  set(reached "")
  reach("sseg.hpp")
  set(from_all "${reached}")
  foreach(door IN LISTS optional_doors)
    if(door IN_LIST from_all)
      fault("sseg.hpp: reaches ${door}; that door is included by name only")
    endif()
  endforeach()
endif()
foreach(folder IN LISTS order)
  if(NOT "${folder}.hpp" IN_LIST headers)
    continue()
  endif()
  set(reached "")
  reach("${folder}.hpp")
  set(from_umbrella "${reached}")
  foreach(header IN LISTS headers)
    if(NOT header MATCHES "^${folder}/" OR header IN_LIST from_umbrella OR header MATCHES "${by_name}")
      continue()
    endif()
    set(reached "")
    reach("${header}")
    set(needs_optional FALSE)
    foreach(door IN LISTS optional_doors)
      if(door IN_LIST reached)
        set(needs_optional TRUE)
      endif()
    endforeach()
    if(NOT needs_optional)
      fault("${folder}.hpp: does not reach ${header}")
    endif()
  endforeach()
endforeach()

list(LENGTH headers count)
if(faults)
  message(FATAL_ERROR "include rules broken:${faults}")
endif()
message(STATUS "${count} headers keep the include rules")
