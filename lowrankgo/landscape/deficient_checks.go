package landscape

import (
	"context"
	"math"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
)

const deficientItem = "[L] Thm III.1, rank-deficient"

// fewVariables is how many a Hessian may have that is formed beside an item.
const fewVariables = 300

// finish finds λmin where that is cheap, and states what holds.
func (d *Deficiency) finish(ctx context.Context, f lr.Problem, hess lr.HessVec, x *lr.Factors) error {
	grad := lr.NewPoint(f)
	hess.Grad(grad, x)
	d.GradNorm, d.LambdaMin = grad.Norm(), math.NaN()
	scale := math.Abs(d.C) + 2*d.Gradient
	if variables(x) <= fewVariables {
		all, err := HessianEigenvalues(ctx, f, x)
		if err != nil {
			return err
		}
		d.LambdaMin = all[0]
		scale += math.Abs(all[0]) + math.Abs(all[len(all)-1])
	}
	check := func(claim string, relation Relation, left, right float64, h ...Hypothesis) Check {
		return Check{Item: deficientItem, Claim: claim, Relation: relation, Left: left, Right: right, Scale: scale, Hypotheses: h}
	}
	convex := Hypothesis{Name: "∇²f ⪰ 0", Value: math.NaN()}
	if lr.ConvexOf(f) {
		convex.Holds = Yes
	}
	top := Hypothesis{Name: "s = ‖∇f‖₂", Value: d.Gradient}
	if d.Exact {
		top.Holds = Yes
	}
	both := Hypothesis{Name: "Ub = 0 and Vb = 0 (the longer one)", Holds: answer(d.Other <= 1e-10*(1+x.Norm())), Value: d.Other}
	d.Attained = check("∇²g[D,D] = (c − √(c² + 4s²))/2", Equal, d.Curvature, d.Bound)
	d.Above = check("λmin(∇²g) ≤ (c − √(c² + 4s²))/2", AtMost, d.LambdaMin, d.Bound)
	d.Below = check("−‖∇f‖₂ ≤ λmin(∇²g)", AtMost, -d.Gradient, d.LambdaMin, convex, top)
	d.Sharp = check("λmin(∇²g) = (c − √(c² + 4s²))/2", Equal, d.LambdaMin, d.Bound, convex, top, both)
	away := Hypothesis{Name: "∇f ≠ 0 (‖∇f‖₂)", Holds: answer(d.Gradient > 1e-12*scale), Value: d.Gradient}
	d.Strict = check("λmin(∇²g) ≤ (c − √(c² + 4s²))/2 ≤ 0", AtMost, d.Bound, 0, append([]Hypothesis{away}, criticalHypotheses(f, x, d.GradNorm)...)...)
	return nil
}
