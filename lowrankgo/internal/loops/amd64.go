//go:build amd64

package loops

import (
	"os"

	"golang.org/x/sys/cpu"
)

var useAVX2 = cpu.X86.HasAVX2 && cpu.X86.HasFMA && os.Getenv("LOWRANK_LOOPS") != "generic"

var variant = map[bool]string{true: "avx2", false: "generic"}[useAVX2]

//go:noescape
func dot4AVX2(out *[4]float64, a *float64, stride int, x *float64, n int)

//go:noescape
func addScaled4AVX2(y *float64, c *[4]float64, a *float64, stride int, n int)

//go:noescape
func dotAVX2(x, y *float64, n int) float64

//go:noescape
func addScaledAVX2(y *float64, c float64, x *float64, n int)

func dot4(out *[4]float64, a *float64, stride int, x *float64, n int) {
	if useAVX2 {
		dot4AVX2(out, a, stride, x, n)
		return
	}
	dot4Go(out, a, stride, x, n)
}

func addScaled4(y *float64, c *[4]float64, a *float64, stride int, n int) {
	if useAVX2 {
		addScaled4AVX2(y, c, a, stride, n)
		return
	}
	addScaled4Go(y, c, a, stride, n)
}

func dot(x, y *float64, n int) float64 {
	if useAVX2 {
		return dotAVX2(x, y, n)
	}
	return dotGo(x, y, n)
}

func addScaled(y *float64, c float64, x *float64, n int) {
	if useAVX2 {
		addScaledAVX2(y, c, x, n)
		return
	}
	addScaledGo(y, c, x, n)
}
