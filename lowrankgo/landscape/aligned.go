package landscape

import (
	"fmt"
	"math"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
)

// aligned is the truth M* as the lemmas of [G] see it from a point.
type aligned struct {
	*Alignment
	sigma []float64 // σ₁* ≥ … ≥ σᵣ* > 0, without what is rounding; empty when M* = 0
	mu    float64   // incoherence, Def 4; NaN when M* = 0
}

// newAligned aligns x with the truth. Cost O((d1+d2)r²).
func newAligned(x, truth *lr.Factors) (*aligned, error) {
	a, err := Align(x, truth)
	if err != nil {
		return nil, err
	}
	m, err := decompose(truth)
	if err != nil {
		return nil, err
	}
	n := min(len(m.sigma), x.Rank())
	t := &aligned{Alignment: a, sigma: m.sigma[:n], mu: math.NaN()}
	if n > 0 {
		t.mu = lineWeight(m.x, n)
	}
	if n > 0 && m.y != nil {
		t.mu = math.Max(t.mu, lineWeight(m.y, n))
	}
	return t, nil
}

// alignedOf is newAligned for the truth of a problem.
func alignedOf(p lr.Problem, x *lr.Factors) (*aligned, error) {
	if err := lr.CheckProblem(p); err != nil {
		return nil, fmt.Errorf("landscape: %w", err)
	}
	if err := lr.CheckPoint(p, x); err != nil {
		return nil, fmt.Errorf("landscape: %w", err)
	}
	truth, ok := lr.TruthOf(p)
	if !ok {
		return nil, fmt.Errorf("landscape: this item needs %v, which the problem lacks: %w", lr.AbilityTruth, lr.ErrAbility)
	}
	return newAligned(x, truth)
}

// least is σᵣ*, 0 when M* = 0.
func (t *aligned) least() float64 {
	if len(t.sigma) == 0 {
		return 0
	}
	return t.sigma[len(t.sigma)-1]
}

// most is σ₁*, 0 when M* = 0.
func (t *aligned) most() float64 {
	if len(t.sigma) == 0 {
		return 0
	}
	return t.sigma[0]
}

// kappa is σ₁*/σᵣ*, NaN when M* = 0.
func (t *aligned) kappa() float64 { return t.most() / t.least() }

// rank is r*.
func (t *aligned) rank() float64 { return float64(len(t.sigma)) }
