package operator

import (
	"fmt"
	"math"
	"math/rand/v2"
	"sort"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/internal/transform"
	"gonum.org/v1/gonum/mat"
)

// SubsampledTransform is the map that changes signs at random, takes a fast
// orthonormal transform, and keeps some of its numbers,
//
//	𝒜(M)ᵢ = √(d1·d2) · (C₁ (D∘M) C₂ᵀ) at pᵢ,  i = 1 … m
//
// with independent random signs D, the orthonormal cosine transform (DCT-II) of
// rows and columns C₁ and C₂, and m different places pᵢ drawn uniformly, in
// row-major order. Each Aᵢ has Frobenius norm √(d1·d2), as a Gaussian one has
// on average, and they are orthogonal: 𝒜𝒜* = d1·d2·I exactly, and the mean of
// 𝒜*𝒜/m is the identity. Dense measurements, then, for a fraction of the
// memory: 8m + d1·d2/8 bytes. The signs matter (Krahmer and Ward 2011,
// arXiv:1009.0744): without them a smooth M has few large numbers, which a
// sample may miss. [Perturbed.Operator] makes one without them, of all numbers.
//
// Applying 𝒜 or 𝒜* costs O(d1·d2·log(d1·d2)) flops, and 2·d1·d2·k to bring
// factors of k columns in or out. Terms cost as much as all of them.
type SubsampledTransform struct {
	d1, d2 int
	flip   signs // D; nil for none
	at     []int // ascending
	scales [2]float64
	second signs // which places have the second scale; nil for none
}

// NewSubsampledTransform draws the signs and the places from seed. Sizes below
// 1 and m above d1·d2 are errors.
func NewSubsampledTransform(d1, d2, m int, seed uint64) (*SubsampledTransform, error) {
	if err := checkSizes(d1, d2, 1); err != nil {
		return nil, err
	}
	n := d1 * d2
	if m < 1 || m > n {
		return nil, fmt.Errorf("operator: m = %d measurements of a transform of %d×%d numbers; 1 ≤ m ≤ %d is wanted: %w", m, d1, d2, n, lr.ErrValue)
	}
	return &SubsampledTransform{
		d1: d1, d2: d2, scales: [2]float64{math.Sqrt(float64(n))},
		flip: newSigns(lr.Stream(seed, "transform signs"), n),
		at:   sample(lr.Stream(seed, "transform rows"), n, m),
	}, nil
}

// sample draws m different numbers below n, ascending, by the first m steps of
// a shuffle (Fisher and Yates) of which only what has moved is stored.
func sample(rng *rand.Rand, n, m int) []int {
	moved, out := map[int]int{}, make([]int, m)
	get := func(i int) int {
		if v, ok := moved[i]; ok {
			return v
		}
		return i
	}
	for i := range out {
		j := i + rng.IntN(n-i)
		out[i], moved[j] = get(j), get(i)
	}
	sort.Ints(out)
	return out
}

// signs are ±1, one a bit.
type signs []uint64

func newSigns(rng *rand.Rand, n int) signs {
	s := make(signs, (n+63)/64)
	for i := range s {
		s[i] = rng.Uint64()
	}
	return s
}

// negative reports whether sign i is −1.
func (s signs) negative(i int) bool { return s[i>>6]>>(i&63)&1 == 1 }

func (s signs) set(i int, negative bool) {
	s[i>>6] &^= 1 << (i & 63)
	if negative {
		s[i>>6] |= 1 << (i & 63)
	}
}

// apply multiplies x by the signs, if there are any.
func (s signs) apply(x []float64) {
	if s == nil {
		return
	}
	for i, v := range x {
		x[i] = math.Float64frombits(math.Float64bits(v) ^ s[i>>6]>>(i&63)<<63)
	}
}

// Dims returns the shape of matrices and the number of measurements.
func (o *SubsampledTransform) Dims() (d1, d2, m int) { return o.d1, o.d2, len(o.at) }

// Matrix returns Aᵢ, i counted from 0, from its definition in O(d1·d2).
func (o *SubsampledTransform) Matrix(i int) *mat.Dense {
	p, q := o.at[i]/o.d2, o.at[i]%o.d2
	a, scale := mat.NewDense(o.d1, o.d2, nil), o.scale(o.at[i])
	for r := range o.d1 {
		row := a.RawRowView(r)
		for c := range row {
			row[c] = scale * transform.At(o.d1, p, r) * transform.At(o.d2, q, c)
		}
	}
	o.flip.apply(a.RawMatrix().Data)
	return a
}

// scale is the factor of the transform's number at a place.
func (o *SubsampledTransform) scale(place int) float64 {
	if o.second != nil && o.second.negative(place) {
		return o.scales[1]
	}
	return o.scales[0]
}

// Bytes returns how much memory the signs and the places take.
func (o *SubsampledTransform) Bytes() int { return 8 * (len(o.flip) + len(o.at) + len(o.second)) }

func (o *SubsampledTransform) String() string {
	return fmt.Sprintf("SubsampledTransform(%d of %d×%d numbers)", len(o.at), o.d1, o.d2)
}

// NewEval returns a workspace: 2·d1·d2 numbers, and O(d1+d2) for each of at
// most 16 goroutines.
func (o *SubsampledTransform) NewEval() lr.OperatorEval {
	n := o.d1 * o.d2
	return &transformEval{
		op: o, dct: transform.NewDCT2(o.d1, o.d2),
		m: newMatrix(o.d1, o.d2, make([]float64, n)), g: newMatrix(o.d1, o.d2, make([]float64, n)),
	}
}

type transformEval struct {
	op   *SubsampledTransform
	dct  *transform.DCT2
	m, g *matrix // M, which becomes its transform, and 𝒜*(w)
	some someTerms
}

func (e *transformEval) Apply(dst []float64, x, y *mat.Dense, b []float64) {
	checkVectors(dst, b, len(e.op.at))
	checkThin(x, y, e.op.d1, e.op.d2)
	e.m.form(x, y)
	e.gather(dst, b)
}

func (e *transformEval) ApplyDense(dst []float64, m *mat.Dense, b []float64) {
	checkVectors(dst, b, len(e.op.at))
	e.m.load(m)
	e.gather(dst, b)
}

// gather transforms m and keeps what is observed.
func (e *transformEval) gather(dst, b []float64) {
	e.op.flip.apply(e.m.data)
	e.dct.Forward(e.m.data)
	for i, p := range e.op.at {
		v := float64(e.op.scale(p) * e.m.data[p])
		if b != nil {
			v -= b[i]
		}
		dst[i] = v
	}
}

func (e *transformEval) Adjoint(w []float64) {
	checkLen("w", len(w), len(e.op.at))
	clear(e.g.data)
	for i, p := range e.op.at {
		e.g.data[p] = e.op.scale(p) * w[i]
	}
	e.dct.Inverse(e.g.data)
	e.op.flip.apply(e.g.data)
}

func (e *transformEval) ApplyAdjoint(dst []float64, x, y *mat.Dense, b []float64) {
	e.Apply(dst, x, y, b)
	e.Adjoint(dst)
}

func (e *transformEval) AdjointDense(dst *mat.Dense) { e.g.store(dst) }

func (e *transformEval) Mul(dst *mat.Dense, c float64, trans bool, z *mat.Dense) {
	e.g.mul(dst, c, trans, z)
}

// AddTerms costs as much as all measurements: a transform gives all or none.
func (e *transformEval) AddTerms(du, dv, x, y *mat.Dense, b []float64, terms []int, c float64) {
	checkTerms(du, dv, x, y, b, terms, e.op.d1, e.op.d2, len(e.op.at))
	e.some.add(e, len(e.op.at), du, dv, x, y, b, terms, c)
}

// someTerms adds terms for a map that can only be applied whole: 𝒜* of the
// residual that is kept at the terms and 0 elsewhere.
type someTerms struct{ res, w []float64 }

func (s *someTerms) add(e lr.OperatorEval, m int, du, dv, x, y *mat.Dense, b []float64, terms []int, c float64) {
	s.res, s.w = grown(s.res, m), grown(s.w, m)
	e.Apply(s.res, x, y, b)
	clear(s.w)
	for _, i := range terms {
		s.w[i] += float64(c * s.res[i])
	}
	e.Adjoint(s.w)
	e.Mul(du, 1, false, y)
	e.Mul(dv, 1, true, x)
}
