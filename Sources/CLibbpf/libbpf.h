#pragma once
#include <bpf/bpf.h>
