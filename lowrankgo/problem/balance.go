package problem

import (
	"fmt"
	"math"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"gonum.org/v1/gonum/mat"
)

// Balance adds the balancing regulariser to an asymmetric problem,
//
//	g̃(U, V) = g(U, V) + (μ/4) ‖UᵀU − VᵀV‖F²
//
// as [L](IV.1). [G]'s ⅛‖UᵀU − VᵀV‖F² is μ = ½. Without Balance μ is 0. It
// costs O((d1+d2)r²) beside the problem's own work.
type Balance struct {
	Of lr.Problem // the problem to regularise
	Mu float64    // μ > 0
}

// New returns the regularised problem. A symmetric problem, which has nothing
// to balance, and a Mu that is not positive and finite are errors.
func (b Balance) New() (*Balanced, error) {
	if err := lr.CheckProblem(b.Of); err != nil {
		return nil, fmt.Errorf("problem: Balance: %w", err)
	}
	if lr.SymmetricOf(b.Of) {
		return nil, fmt.Errorf("problem: Balance was given a symmetric problem; M = UUᵀ has nothing to balance: %w", lr.ErrShape)
	}
	if !(b.Mu > 0) || math.IsInf(b.Mu, 0) {
		return nil, fmt.Errorf("problem: Balance has Mu = %v; a positive finite number is wanted (for μ = 0 use the problem itself): %w", b.Mu, lr.ErrValue)
	}
	return &Balanced{of: b.Of, mu: b.Mu}, nil
}

// Balanced is a problem with the balancing regulariser, made by [Balance]. It
// has Hessian products, products with ∇f(UVᵀ) and a truth if the problem
// inside has them.
type Balanced struct {
	of lr.Problem
	mu float64
}

// Dims returns the shape of M and the number of factor columns.
func (b *Balanced) Dims() (d1, d2, r int) { return b.of.Dims() }

// Truth returns the truth of the problem inside.
func (b *Balanced) Truth() *lr.Factors {
	t, _ := lr.TruthOf(b.of)
	return t
}

// Unregularised returns the problem inside.
func (b *Balanced) Unregularised() lr.Problem { return b.of }

func (b *Balanced) String() string {
	of := fmt.Sprintf("%T", b.of)
	if s, ok := b.of.(fmt.Stringer); ok {
		of = s.String()
	}
	return fmt.Sprintf("%s + balance(μ = %g)", of, b.mu)
}

// NewEval returns a workspace.
func (b *Balanced) NewEval() lr.Evaluator {
	_, _, r := b.Dims()
	e := &balancedEval{
		of: b.of.NewEval(), mu: b.mu,
		gap: mat.NewDense(r, r, nil), dGap: mat.NewDense(r, r, nil),
	}
	if h, ok := lr.HessVecOf(b.of); ok {
		e.of, e.hess = h, h
	}
	if g, ok := e.of.(lr.MulGrad); ok && lr.Has(e.of, lr.AbilityMulGrad) {
		e.mulGrad = g
	}
	return e
}

type balancedEval struct {
	of        lr.Evaluator
	hess      lr.HessVec // nil when the problem inside has none
	mulGrad   lr.MulGrad // nil when the problem inside has none
	mu        float64
	gap, dGap *mat.Dense // UᵀU − VᵀV and its derivative along a direction
}

func (e *balancedEval) Has(a lr.Ability) bool {
	switch a {
	case lr.AbilityHessVec:
		return e.hess != nil
	case lr.AbilityMulGrad:
		return e.mulGrad != nil
	}
	return false
}

// The gradient of (μ/4)‖B‖², B = UᵀU − VᵀV, is (μ·U·B, −μ·V·B).
func (e *balancedEval) Grad(dst, x *lr.Factors) float64 {
	v := e.of.Grad(dst, x)
	gram(e.gap, x, x)
	if dst != nil {
		addProduct(dst.U, e.mu, x.U, e.gap)
		addProduct(dst.V, -e.mu, x.V, e.gap)
	}
	var s float64
	for _, b := range e.gap.RawMatrix().Data {
		s += float64(b * b)
	}
	return v + e.mu/4*s
}

// Along d the derivative of B is DB = dUᵀU + UᵀdU − dVᵀV − VᵀdV, and that of
// the gradient μ(dU·B + U·DB, −dV·B − V·DB).
func (e *balancedEval) HessVec(dst, x, d *lr.Factors) {
	e.hess.HessVec(dst, x, d)
	gram(e.gap, x, x)
	gram(e.dGap, d, x)
	r := x.Rank()
	for i := range r {
		for j := range i + 1 {
			s := e.dGap.At(i, j) + e.dGap.At(j, i)
			e.dGap.Set(i, j, s)
			e.dGap.Set(j, i, s)
		}
	}
	addProduct(dst.U, e.mu, d.U, e.gap)
	addProduct(dst.U, e.mu, x.U, e.dGap)
	addProduct(dst.V, -e.mu, d.V, e.gap)
	addProduct(dst.V, -e.mu, x.V, e.dGap)
}

func (e *balancedEval) MulGrad(dst *mat.Dense, trans bool, x *lr.Factors, z *mat.Dense) {
	e.mulGrad.MulGrad(dst, trans, x, z)
}

// gram sets dst = aᵤᵀxᵤ − aᵥᵀxᵥ, an r×r matrix.
func gram(dst *mat.Dense, a, x *lr.Factors) {
	dst.Zero()
	addGram(dst, 1, a.U, x.U)
	addGram(dst, -1, a.V, x.V)
}

func addGram(dst *mat.Dense, c float64, a, x *mat.Dense) {
	for row := range a.RawMatrix().Rows {
		xr := x.RawRowView(row)
		for i, v := range a.RawRowView(row) {
			out := dst.RawRowView(i)
			for j, w := range xr {
				out[j] += float64(c * float64(v*w))
			}
		}
	}
}

// addProduct adds c·A·B to dst, A d×r and B r×r.
func addProduct(dst *mat.Dense, c float64, a, b *mat.Dense) {
	for row := range a.RawMatrix().Rows {
		out := dst.RawRowView(row)
		for i, v := range a.RawRowView(row) {
			for j, w := range b.RawRowView(i) {
				out[j] += float64(c * float64(v*w))
			}
		}
	}
}
