package lowrankgo

import "github.com/lowrankgo/lowrank/lowrankgo/internal/loops"

// Version is the semantic version of the library and of the lowrank command.
const Version = "0.1.0"

// Variant names the inner loops that this process uses, such as "avx2" or
// "generic". Results are equal bit for bit on the same GOARCH and variant.
// The environment variable LOWRANK_LOOPS=generic pins the portable loops.
func Variant() string { return loops.Variant() }
