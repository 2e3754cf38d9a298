// Package transform holds the fast orthonormal cosine transform of vectors and
// of matrices. Orthonormal means that the inverse is the transpose and that
// norms stay, so that a map built of it has known singular values.
package transform

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/dsp/fourier"
)

// DCT is the orthonormal discrete cosine transform (type II) of length n,
//
//	yᵢ = cᵢ √(2/n) Σⱼ xⱼ cos(π i (2j+1) / 2n),  c₀ = 1/√2, cᵢ = 1 for i > 0
//
// in place, in O(n log n) flops for every n. It stores 3n numbers, or up to 36n
// when n has a prime factor above 13. A call uses them as its scratch: a DCT is
// for one goroutine.
type DCT struct {
	n    int
	plan *fourier.QuarterWaveFFT // when n has small prime factors only
	any  *chirp                  // else
}

// smooth is the largest prime factor that the mixed-radix transform is used
// for. Above it, its cost and its rounding error grow with the factor.
const smooth = 13

// NewDCT plans the transform of length n ≥ 1; it panics when n is below 1.
func NewDCT(n int) *DCT {
	if n < 1 {
		panic(fmt.Sprintf("transform: the length is %d; at least 1 is wanted", n))
	}
	rest := n
	for p := 2; p <= smooth; p++ {
		for rest%p == 0 {
			rest /= p
		}
	}
	if rest > 1 {
		return &DCT{n: n, any: newChirp(n)}
	}
	return &DCT{n: n, plan: fourier.NewQuarterWaveFFT(n)}
}

// Len returns n.
func (d *DCT) Len() int { return d.n }

// Forward replaces x by its transform. It panics unless x has length n.
func (d *DCT) Forward(x []float64) {
	d.check(x)
	first, rest := d.norms()
	if d.plan == nil {
		d.any.sums(x, d.any.p, d.any.q)
		scale(x, first, rest)
		return
	}
	d.plan.CosSequence(x, x) // 4 Σⱼ xⱼ cos(…)
	scale(x, first/4, rest/4)
}

// Inverse replaces x by its inverse transform, which is the transposed one. It
// panics unless x has length n.
func (d *DCT) Inverse(x []float64) {
	d.check(x)
	first, rest := d.norms()
	if d.plan == nil {
		scale(x, first, rest)
		d.any.sums(x, d.any.q, d.any.p)
		return
	}
	scale(x, first, rest/2)
	d.plan.CosCoefficients(x, x) // x₀ + 2 Σᵢ xᵢ cos(…)
}

func (d *DCT) check(x []float64) {
	if len(x) != d.n {
		panic(fmt.Sprintf("transform: %d numbers were given, want %d", len(x), d.n))
	}
}

// norms returns the factors cᵢ√(2/n) for i = 0 and for i > 0.
func (d *DCT) norms() (first, rest float64) {
	n := float64(d.n)
	return 1 / math.Sqrt(n), math.Sqrt(2 / n)
}

// scale multiplies x[0] by first and what follows by rest.
func scale(x []float64, first, rest float64) {
	x[0] *= first
	for i := range x[1:] {
		x[i+1] *= rest
	}
}

// At returns the number in row i and column j of the transform's n×n matrix,
// by the definition.
func At(n, i, j int) float64 {
	if i == 0 {
		return 1 / math.Sqrt(float64(n))
	}
	return math.Sqrt(2/float64(n)) * real(turn(i*(2*j+1), n))
}
