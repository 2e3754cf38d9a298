package problem

import (
	"fmt"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/internal/linalg"
	"gonum.org/v1/gonum/mat"
)

// Balance adds the balancing regulariser to an asymmetric problem,
//
//	g̃(U, V) = g(U, V) + (μ/4) ‖UᵀU − VᵀV‖F²
//
// as [L](IV.1). [G]'s ⅛‖UᵀU − VᵀV‖F² is μ = ½. Without Balance μ is 0. Critical
// points of f(UVᵀ) with it have UᵀU = VᵀV. It costs 2(d1+d2)r² multiplications
// a gradient, twice that a Hessian product, beside the problem's own work.
type Balance struct {
	Of lr.Problem // the problem to regularise
	Mu float64    // μ > 0
}

// New returns the regularised problem. A symmetric problem, which has nothing
// to balance, and a Mu that is not positive and finite are errors.
func (b Balance) New() (*Regularised, error) {
	if err := checkOf("Balance", b.Of); err != nil {
		return nil, err
	}
	if lr.SymmetricOf(b.Of) {
		return nil, fmt.Errorf("problem: Balance was given a symmetric problem; M = UUᵀ has nothing to balance: %w", lr.ErrShape)
	}
	if err := positive("Balance", "Mu", b.Mu, " (for μ = 0 use the problem itself)"); err != nil {
		return nil, err
	}
	return regularise(b.Of, balance(b.Mu)), nil
}

// balance is the term with its μ.
type balance float64

func (b balance) String() string { return fmt.Sprintf("balance(μ = %g)", float64(b)) }

func (b balance) newEval(_, _, r int) termEval {
	return &balanceEval{mu: float64(b), gap: mat.NewDense(r, r, nil), dGap: mat.NewDense(r, r, nil)}
}

type balanceEval struct {
	mu        float64
	gap, dGap *mat.Dense // B = UᵀU − VᵀV and its derivative along a direction
}

// The gradient of (μ/4)‖B‖² is (μ·U·B, −μ·V·B).
func (e *balanceEval) add(dst, x *lr.Factors) float64 {
	gram(e.gap, x, x)
	if dst != nil {
		linalg.AddProduct(dst.U, e.mu, x.U, e.gap)
		linalg.AddProduct(dst.V, -e.mu, x.V, e.gap)
	}
	return float64(e.mu / 4 * sumSquares(e.gap))
}

// Along d the derivative of B is DB = dUᵀU + UᵀdU − dVᵀV − VᵀdV, and that of
// the gradient μ(dU·B + U·DB, −dV·B − V·DB).
func (e *balanceEval) addHess(dst, x, d *lr.Factors) {
	gram(e.gap, x, x)
	gram(e.dGap, d, x)
	for i := range x.Rank() {
		for j := range i + 1 {
			s := e.dGap.At(i, j) + e.dGap.At(j, i)
			e.dGap.Set(i, j, s)
			e.dGap.Set(j, i, s)
		}
	}
	linalg.AddProduct(dst.U, e.mu, d.U, e.gap)
	linalg.AddProduct(dst.U, e.mu, x.U, e.dGap)
	linalg.AddProduct(dst.V, -e.mu, d.V, e.gap)
	linalg.AddProduct(dst.V, -e.mu, x.V, e.dGap)
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

// sumSquares is ‖A‖F², row by row: A may be part of a larger matrix.
func sumSquares(a *mat.Dense) float64 {
	var s float64
	for i := range a.RawMatrix().Rows {
		for _, v := range a.RawRowView(i) {
			s += float64(v * v)
		}
	}
	return s
}
