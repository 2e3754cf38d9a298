package operator

import (
	"fmt"
	"math"
	"math/rand/v2"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/internal/linalg"
	"github.com/lowrankgo/lowrank/lowrankgo/internal/loops"
	"gonum.org/v1/gonum/mat"
)

// Counterexample makes instances on which the theorems for symmetric sensing of
// rank 1 stop: their restricted isometry constant is ½, or just above, and the
// objective
//
//	f(x) = Σᵢ ⟨Aᵢ, xxᵀ − zzᵀ⟩²
//
// has a second point, far from ±z, where the gradient is 0 and the Hessian has
// no eigenvalue below min(2ε, 2). For D = 2, in the basis e₁, e₂,
//
//	z = e₁,  A₁ = diag(√2, 1/√2),  A₂ = √((3+ε)/2)·(e₁e₂ᵀ + e₂e₁ᵀ),  A₃ = √(3/2)·e₂e₂ᵀ
//
// and the point is x̂ = e₂/√2, with f(x̂) = 3/2 and Hessian diag(2ε, 8).
//
// Why ½: in the orthonormal basis (e₁e₁ᵀ+e₂e₂ᵀ)/√2, (e₁e₁ᵀ−e₂e₂ᵀ)/√2,
// (e₁e₂ᵀ+e₂e₁ᵀ)/√2 of the symmetric matrices 𝒜*𝒜 is diag(3, 1, 3+ε). So
// ‖𝒜(M)‖² lies between the smallest and the largest of these times ‖M‖²; scaled by
// the middle of the two it lies in (1±δ)‖M‖² with δ = (largest − smallest)/(largest
// + smallest) and no smaller δ. That is ½ for −2 ≤ ε ≤ 0 and (2+ε)/(4+ε) for ε > 0:
//
//	ε < 0  x̂ is a strict saddle
//	ε = 0  x̂ is a degenerate saddle: f falls from it only as −6t⁴
//	ε > 0  x̂ is a spurious local minimum
//
// For D > 2 the matrices with a row or column beyond the second are measured too,
// by a map whose 𝒜*𝒜 has eigenvalues drawn from [1, 3], seen through a random
// reflection. So δ stays what it is, on matrices of every rank. These
// measurements vanish at x̂x̂ᵀ − zzᵀ, so x̂ stays a critical point; there, they see
// the directions beyond the second with a curvature in [2, 6], twice their
// eigenvalue.
//
// The family is that of Zhang, Josz, Sojoudi, Lavaei, "How much restricted
// isometry is needed in nonconvex matrix recovery?", 2018, arXiv:1805.10251.
type Counterexample struct {
	Epsilon float64 // ε > −3
	D       int     // dimension; default 2
	Rotate  bool    // in a random orthonormal basis instead of e₁, …, e_D
	Seed    uint64  // of the basis, and of what is measured beyond the second dimension
}

// Instance is a symmetric rank-1 sensing instance with all that is known of it.
// In the convention (w/2)‖𝒜(UUᵀ) − b‖² its objective has w = Weight.
type Instance struct {
	Operator *Gaussian   // the D(D+1)/2 measurement matrices
	B        []float64   // 𝒜(zzᵀ)
	Weight   float64     // 2: f has no factor ½
	Truth    *lr.Factors // z, the global minimiser up to sign
	Spurious *lr.Factors // x̂
	Escape   *lr.Factors // the direction of length 1 in which the curvature at x̂ is 2ε

	Delta   float64 // δ, exactly: on the symmetric matrices after scaling, and on those of rank ≤ 2
	Scale   float64 // the scaling: (1−δ)‖M‖² ≤ Scale·‖𝒜(M)‖² ≤ (1+δ)‖M‖²
	Value   float64 // f(x̂) = 3/2
	Epsilon float64
}

// New makes the instance; it stores D³(D+1)/2 numbers. An Epsilon that is not
// above −3 or not finite, and a D below 2, are errors.
func (c Counterexample) New() (*Instance, error) {
	if c.D == 0 {
		c.D = 2
	}
	if c.D < 2 {
		return nil, fmt.Errorf("operator: Counterexample has D = %d; at least 2 is wanted: %w", c.D, lr.ErrShape)
	}
	if !(c.Epsilon > -3) || math.IsInf(c.Epsilon, 0) {
		return nil, fmt.Errorf("operator: Counterexample has Epsilon = %v; a finite number above −3 is wanted, for √((3+ε)/2): %w", c.Epsilon, lr.ErrValue)
	}
	m := c.D * (c.D + 1) / 2
	if err := checkSizes(c.D, c.D, m); err != nil {
		return nil, err
	}
	a := c.measurements(m)
	basis := linalg.Identity(c.D)
	if c.Rotate {
		basis = randomBasis(lr.Stream(c.Seed, "counterexample basis"), c.D)
		rotate(a, basis)
	}
	op, err := NewDense(c.D, c.D, a)
	if err != nil {
		return nil, err
	}
	return c.instance(op, basis), nil
}

// instance brings the points into the basis, whose rows are e₁, e₂, ….
func (c Counterexample) instance(op *Gaussian, basis *mat.Dense) *Instance {
	along := func(k int, length float64) *lr.Factors {
		x := lr.NewSymmetric(c.D, 1)
		for i, v := range basis.RawRowView(k) {
			x.U.Set(i, 0, length*v)
		}
		return x
	}
	low, high := min(1, 3+c.Epsilon), max(3, 3+c.Epsilon)
	t := &Instance{
		Operator: op, Weight: 2, Value: 1.5, Epsilon: c.Epsilon,
		Truth: along(0, 1), Spurious: along(1, math.Sqrt(0.5)), Escape: along(0, 1),
		Delta: (high - low) / (high + low), Scale: 2 / (high + low),
	}
	_, _, m := op.Dims()
	t.B = make([]float64, m)
	op.NewEval().Apply(t.B, t.Truth.U, t.Truth.U, nil)
	return t
}

func (t *Instance) String() string {
	d, _, m := t.Operator.Dims()
	return fmt.Sprintf("Counterexample(ε = %g, d = %d, %d measurements, δ = %.4g)", t.Epsilon, d, m, t.Delta)
}

// measurements are the matrices Aᵢ in the basis e₁, e₂, …, one a row.
func (c Counterexample) measurements(m int) *mat.Dense {
	d := c.D
	a := mat.NewDense(m, d*d, nil)
	a.Set(0, 0, math.Sqrt2)
	a.Set(0, d+1, 1/math.Sqrt2)
	a.Set(1, 1, math.Sqrt((3+c.Epsilon)/2))
	a.Set(1, d, math.Sqrt((3+c.Epsilon)/2))
	a.Set(2, d+1, math.Sqrt(1.5))
	if m == 3 {
		return a
	}
	// Row k of the rest is √λₖ times row k of I − 2hhᵀ in the orthonormal basis
	// of the matrices beyond.
	rng := lr.Stream(c.Seed, "counterexample measurements")
	h := unitVector(rng, m-3)
	for k := range h {
		root, row := math.Sqrt(1+2*rng.Float64()), a.RawRowView(3+k)
		p := 0
		for i := 2; i < d; i++ {
			for j := range i + 1 {
				v := -2 * h[k] * h[p]
				if p == k {
					v++
				}
				if i == j {
					row[i*d+i] = root * v
				} else {
					row[i*d+j], row[j*d+i] = root*v/math.Sqrt2, root*v/math.Sqrt2
				}
				p++
			}
		}
	}
	return a
}

func unitVector(rng *rand.Rand, n int) []float64 {
	h := lr.NormalMatrix(rng, 1, n).RawMatrix().Data
	norm := math.Sqrt(loops.Dot(h, h))
	for k := range h {
		h[k] /= norm
	}
	return h
}

// randomBasis has orthonormal rows, of the uniform law up to their signs.
func randomBasis(rng *rand.Rand, d int) *mat.Dense {
	q := lr.NormalMatrix(rng, d, d)
	linalg.Orthonormalise(q)
	return q
}

// rotate replaces each row's matrix A by QᵀAQ for the rows Q of a basis.
func rotate(a, basis *mat.Dense) {
	d, _ := basis.Dims()
	var t, out mat.Dense
	for i := range a.RawMatrix().Rows {
		row := mat.NewDense(d, d, a.RawRowView(i))
		t.Mul(basis.T(), row)
		out.Mul(&t, basis)
		row.Copy(&out)
		linalg.Symmetrise(row) // rounding left it not quite so
	}
}
