#include "tenon/runtime/embed.h"
