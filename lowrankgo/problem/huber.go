package problem

import (
	"fmt"
	"math"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
)

// Huber recovers M from measurements some of which are grossly wrong,
//
//	f(M) = w Σᵢ h(𝒜(M)ᵢ − bᵢ),  h(e) = ½e² for |e| ≤ k, else k|e| − ½k²
//
// so that no measurement pulls with more than k. The Hessian is the
// generalised one: h″ is 1 for |e| ≤ k and 0 beyond, which is the second
// derivative but at the kinks |e| = k. Smooth takes
//
//	h(e) = k²(√(1 + (e/k)²) − 1)
//
// instead, which has derivatives of all orders and the same limits (the
// pseudo-Huber loss). Huber 1964; [L](II.2) with a general f. Costs are those
// of [MeasurementLoss].
//
// The same measurements as those of a [Quadratic] q are
//
//	Huber{Operator: q.Operator(), B: q.Measurements(), Weight: q.Weight(), …}
type Huber struct {
	Operator  lr.Operator // 𝒜
	B         []float64   // b, one number a measurement; copied
	Rank      int         // columns of the factors
	Threshold float64     // k > 0, in the units of b; 1.345 times the standard deviation of ordinary errors is usual
	Smooth    bool        // √ instead of the two pieces
	Weight    float64     // w > 0, such as 1/p for entries of a matrix; default 1
	Symmetric bool        // M = UUᵀ; the operator must be square
	Truth     *lr.Factors // M* where it is known, of any rank; copied
}

// New checks the parts and returns the problem. A Threshold that is not
// positive, and what is an error for [Sensing], are errors.
func (h Huber) New() (*Objective, error) {
	if err := lr.CheckOperator(h.Operator); err != nil {
		return nil, fmt.Errorf("problem: Huber: %w", err)
	}
	if !(h.Threshold > 0) || !finite(h.Threshold) {
		return nil, fmt.Errorf("problem: Huber has Threshold = %v; a positive finite number is wanted, in the units of B: above it errors count linearly (1.345 times the standard deviation of ordinary errors is usual): %w", h.Threshold, lr.ErrValue)
	}
	if h.Weight == 0 {
		h.Weight = 1
	}
	_, _, m := h.Operator.Dims()
	if err := checkMeasurements("Huber", h.B, m); err != nil {
		return nil, err
	}
	b, k := append([]float64(nil), h.B...), h.Threshold
	loss := huber
	if h.Smooth {
		loss = pseudoHuber
	}
	return newLoss("Huber", h.Operator, func(i int, t float64) (value, slope, curvature float64) {
		return loss(k, t-b[i])
	}, true, h.Rank, h.Weight, h.Symmetric, h.Truth)
}

func huber(k, e float64) (value, slope, curvature float64) {
	if math.Abs(e) <= k {
		return float64(e*e) / 2, e, 1
	}
	return k * (math.Abs(e) - k/2), math.Copysign(k, e), 0
}

// pseudoHuber writes √(1+s²) − 1 as s²/(1 + √(1+s²)), which does not cancel.
func pseudoHuber(k, e float64) (value, slope, curvature float64) {
	s := e / k
	root := math.Hypot(1, s)
	return e * (e / (1 + root)), e / root, 1 / (root * root * root)
}
