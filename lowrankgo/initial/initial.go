package initial

import (
	"fmt"
	"math"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/internal/linalg"
	"gonum.org/v1/gonum/mat"
)

// Random starts at independent N(0, Scale²) entries of U and V. The theorems
// of both papers hold from any start; a small one spares the first steps the
// long way down.
type Random struct {
	Scale float64 // standard deviation of an entry; default 1
	Seed  uint64
}

// Point draws factors of p's shape. U and V have streams of their own. A Scale
// that is negative or not finite is an error.
func (r Random) Point(p lr.Problem) (*lr.Factors, error) {
	if r.Scale == 0 {
		r.Scale = 1
	}
	if !(r.Scale > 0) || math.IsInf(r.Scale, 0) {
		return nil, fmt.Errorf("initial: Random has Scale = %v; a positive finite number is wanted: %w", r.Scale, lr.ErrValue)
	}
	if err := lr.CheckProblem(p); err != nil {
		return nil, err
	}
	d1, d2, k := p.Dims()
	x := &lr.Factors{U: lr.NormalMatrix(lr.Stream(r.Seed, "start U"), d1, k)}
	if !lr.SymmetricOf(p) {
		x.V = lr.NormalMatrix(lr.Stream(r.Seed, "start V"), d2, k)
	}
	x.Scale(r.Scale)
	return x, nil
}

// Zero starts at U = V = 0. The gradient of an objective f(UVᵀ) is 0 there,
// and unless M = 0 is best it is a saddle: plain gradient descent stays.
type Zero struct{}

// Point returns zero factors of p's shape.
func (Zero) Point(p lr.Problem) (*lr.Factors, error) {
	if err := lr.CheckProblem(p); err != nil {
		return nil, err
	}
	return lr.NewPoint(p), nil
}

// Spectral starts at the rank-r matrix
//
//	M₀ = t·P_r(−∇f(0))
//
// in balanced factors, where P_r keeps the r largest singular values (for a
// symmetric problem, the r largest positive eigenvalues) and t ≥ 0 minimises
// the parabola through f(0), f(P_r) and the slope at 0: the exact minimum for
// a least-squares objective. For sensing −∇f(0) is a multiple of 𝒜*(b). It
// costs about 2·Power+2 products with ∇f(0) and two values.
//
// Robust PCA is no parabola along the way, since S changes. There t = 1/(pw),
// with the share p of entries that is observed and the objective's weight w, so
// that M₀ = P_r(Data − S)/p, where S is the sparse part of the data themselves
// (Yi, Park, Chen, Caramanis 2016, arXiv:1605.07784; Tong, Ma, Chi 2021,
// arXiv:2005.08898). That costs a pass over the data instead of the values.
type Spectral struct {
	Seed  uint64 // of the randomised SVD
	Power int    // power iterations of the randomised SVD; default 4
}

// Point computes the start for p, which must have the MulGrad ability.
func (s Spectral) Point(p lr.Problem) (*lr.Factors, error) {
	if err := lr.CheckProblem(p); err != nil {
		return nil, err
	}
	g, ok := lr.MulGradOf(p)
	if !ok {
		return nil, fmt.Errorf("initial: Spectral needs %v: %w", lr.AbilityMulGrad, lr.ErrAbility)
	}
	if s.Power == 0 {
		s.Power = 4
	}
	if s.Power < 0 {
		return nil, fmt.Errorf("initial: Spectral has Power = %d; it may not be negative: %w", s.Power, lr.ErrValue)
	}
	x, gain := s.best(p, g)
	if !x.Finite() {
		return nil, fmt.Errorf("initial: ∇f(0) is not finite: %w", lr.ErrValue)
	}
	if split, ok := lr.SplitOf(p); ok {
		d1, d2, _ := p.Dims()
		x.Scale(math.Sqrt(float64(d1) * float64(d2) / float64(split.Observed()) / split.Weight))
		return x, nil
	}
	zero := g.Grad(nil, lr.NewPoint(p))
	one := g.Grad(nil, x)
	if half := one - zero + gain; half > 0 && gain > 0 { // f(0) − gain·t + half·t²
		x.Scale(math.Sqrt(gain / (2 * half)))
	}
	return x, nil
}

// best returns P_r(−∇f(0)) in balanced factors and gain = −⟨∇f(0), P_r⟩.
func (s Spectral) best(p lr.Problem, g lr.MulGrad) (*lr.Factors, float64) {
	d1, d2, r := p.Dims()
	mul := func(dst *mat.Dense, trans bool, z *mat.Dense) {
		g.MulGrad(dst, trans, nil, z)
		dst.Scale(-1, dst)
	}
	if lr.SymmetricOf(p) {
		return s.symmetric(mul, d1, r)
	}
	u, sigma, v := linalg.RandomSVD(mul, d1, d2, r, s.Power, lr.Stream(s.Seed, "spectral"))
	var gain float64
	for k, sv := range sigma {
		gain += sv * sv
		linalg.ScaleColumn(u, k, math.Sqrt(sv))
		linalg.ScaleColumn(v, k, math.Sqrt(sv))
	}
	return &lr.Factors{U: u, V: v}, gain
}

// symmetric takes the positive eigenvalues of the symmetric part, which is all
// that a symmetric M sees of the gradient.
func (s Spectral) symmetric(mul linalg.Mul, d, r int) (*lr.Factors, float64) {
	half := mat.NewDense(1, 1, nil)
	sym := func(dst *mat.Dense, _ bool, z *mat.Dense) {
		half.Reset()
		half.ReuseAs(dst.Dims())
		mul(dst, false, z)
		mul(half, true, z)
		dst.Add(dst, half)
		dst.Scale(0.5, dst)
	}
	q, lambda := linalg.RandomEigen(sym, d, r, s.Power, lr.Stream(s.Seed, "spectral"))
	var gain float64
	for k, l := range lambda {
		l = math.Max(l, 0)
		gain += l * l
		linalg.ScaleColumn(q, k, math.Sqrt(l))
	}
	return &lr.Factors{U: q}, gain
}
