package landscape

import (
	"context"
	"fmt"
	"math"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/internal/linalg"
	"gonum.org/v1/gonum/mat"
)

// disagreement is Σ w_ij‖Uⁱ − Uʲ‖F², each edge once.
func (n *network) disagreement(us []*mat.Dense) float64 {
	var sum float64
	var gap mat.Dense
	for i := range us {
		for j := range i {
			if w := n.weight(i, j); w > 0 {
				gap.Sub(us[i], us[j])
				sum += float64(w * sqNorm(&gap))
			}
		}
	}
	return sum
}

// addPenalty adds the gradient of the penalty, which is linear in the Uʲ.
func (n *network) addPenalty(dst, us []*mat.Dense) {
	var gap mat.Dense
	for j := range us {
		for i := range us {
			if w := n.weight(i, j); w > 0 {
				gap.Sub(us[j], us[i])
				gap.Scale(2*n.times*w, &gap)
				dst[j].Add(dst[j], &gap)
			}
		}
	}
}

// gradient returns value and gradient of (II.5).
func (n *network) gradient(us, vs []*mat.Dense) (value float64, gu, gv []*mat.Dense) {
	for j, p := range n.Parts {
		x := &lr.Factors{U: us[j], V: vs[j]}
		g := x.Clone()
		value += p.NewEval().Grad(g, x)
		gu, gv = append(gu, g.U), append(gv, g.V)
	}
	n.addPenalty(gu, us)
	return value + float64(n.times*n.disagreement(us)), gu, gv
}

// separable is the gradient norm of (II.3) at the mean of the Uʲ.
func (n *network) separable(us, vs []*mat.Dense) float64 {
	mean := meanOf(us)
	sum := mat.NewDense(n.d1, n.r, nil)
	var total float64
	for j, p := range n.Parts {
		x := &lr.Factors{U: mean, V: vs[j]}
		g := x.Clone()
		p.NewEval().Grad(g, x)
		sum.Add(sum, g.U)
		total += sqNorm(g.V)
	}
	return math.Sqrt(total + sqNorm(sum))
}

// gradientScale is the size of what cancels in a gradient.
func (n *network) gradientScale(us, vs []*mat.Dense) float64 {
	var s float64
	for j, p := range n.Parts {
		s += gradientSize(p, &lr.Factors{U: us[j], V: vs[j]})
	}
	return s
}

// product is the Hessian product of (II.5), by the parts' own.
func (n *network) product(hess []lr.HessVec, us, vs, du, dv []*mat.Dense) (hu, hv []*mat.Dense) {
	for j := range n.Parts {
		x, d := &lr.Factors{U: us[j], V: vs[j]}, &lr.Factors{U: du[j], V: dv[j]}
		h := x.Clone()
		hess[j].HessVec(h, x, d)
		hu, hv = append(hu, h.U), append(hv, h.V)
	}
	n.addPenalty(hu, du)
	return hu, hv
}

// hessians returns an evaluator of each part, or an error.
func (n *network) hessians() ([]lr.HessVec, error) {
	var out []lr.HessVec
	for j, p := range n.Parts {
		h, ok := lr.HessVecOf(p)
		if !ok {
			return nil, fmt.Errorf("landscape: Consensus: part %d, %s, lacks %v: %w", j, describe(p), lr.AbilityHessVec, lr.ErrAbility)
		}
		out = append(out, h)
	}
	return out, nil
}

// Curvature evaluates the second half of [L] Cor III.1: at a point where all nodes
// have the same U, and along a direction that keeps it so, the Hessian of (II.5)
// is that of (II.3),
//
//	∇²(II.5)[(dU, …, dU, {dVⱼ})]² = ∇²(II.3)[(dU, {dVⱼ})]²
//
// so that a strict saddle of one is one of the other. Left is of (II.5), all nodes'
// products dotted with the direction; Right of (II.3), where what belongs to U
// is added over the nodes first. It costs a Hessian product of each part. The errors
// are those of Identity, and parts without Hessian products
// (lowrankgo.ErrAbility).
func (c Consensus) Curvature(u *mat.Dense, vs []*mat.Dense, du *mat.Dense, dvs []*mat.Dense) (Check, error) {
	us, dus := make([]*mat.Dense, len(c.Parts)), make([]*mat.Dense, len(c.Parts))
	for j := range us {
		us[j], dus[j] = u, du
	}
	n, err := c.at(us, vs)
	if err != nil {
		return Check{}, err
	}
	if _, err := c.at(dus, dvs); err != nil {
		return Check{}, fmt.Errorf("the direction: %w", err)
	}
	hess, err := n.hessians()
	if err != nil {
		return Check{}, err
	}
	hu, hv := n.product(hess, us, vs, dus, dvs)
	out := Check{Item: "[L] Cor III.1, second half", Claim: "∇²(II.5)[(dU,…,dU,{dVⱼ})]² = ∇²(II.3)[(dU,{dVⱼ})]²"}
	sum := mat.NewDense(n.d1, n.r, nil)
	for j := range hu {
		a, b := linalg.Dot(du, hu[j]), linalg.Dot(dvs[j], hv[j])
		out.Left += a + b
		out.Right += b
		out.Scale += 2 * math.Sqrt((sqNorm(du)+sqNorm(dvs[j]))*(sqNorm(hu[j])+sqNorm(hv[j])))
		sum.Add(sum, hu[j])
	}
	out.Right += linalg.Dot(du, sum)
	return out, nil
}

// AlongScaling returns g of (II.5) at ({tUʲ}, {Vⱼ/t}) for each t. The products
// UʲVⱼᵀ stay, and the penalty falls as t²: so the infimum of (II.5) is that of
// the nodes taken apart, for noisy data below the least value of (II.3), and no point
// attains it. Only a common X*, the premise of [L] Cor III.1, saves (II.5) from
// this; with noise a regulariser or a U of fixed length is needed. The errors are
// those of Identity, and a t that is not positive and finite.
func (c Consensus) AlongScaling(us, vs []*mat.Dense, ts ...float64) ([]float64, error) {
	n, err := c.at(us, vs)
	if err != nil {
		return nil, err
	}
	out := make([]float64, len(ts))
	for k, t := range ts {
		if !(t > 0) || !finite(t) || !finite(1/t) {
			return nil, fmt.Errorf("landscape: Consensus.AlongScaling was given t = %v; positive finite numbers are wanted: %w", t, lr.ErrValue)
		}
		tu := make([]*mat.Dense, len(us))
		for j, p := range c.Parts {
			x := &lr.Factors{U: mat.DenseCopyOf(us[j]), V: mat.DenseCopyOf(vs[j])}
			x.U.Scale(t, x.U)
			x.V.Scale(1/t, x.V)
			out[k] += p.NewEval().Grad(nil, x)
			tu[j] = x.U
		}
		out[k] += n.times * n.disagreement(tu)
	}
	return out, nil
}

// LambdaMin returns the smallest eigenvalue of the Hessian of (II.5), of at most
// 2,000 variables, from a dense matrix: one Hessian product of each part for
// each variable, and 4n³/3 flops. The errors are those of Curvature, and more
// variables (lowrankgo.ErrValue).
func (c Consensus) LambdaMin(ctx context.Context, us, vs []*mat.Dense) (float64, error) {
	n, err := c.at(us, vs)
	if err != nil {
		return 0, err
	}
	hess, err := n.hessians()
	if err != nil {
		return 0, err
	}
	du, dv := zeros(us), zeros(vs)
	all := entriesOf(du, dv)
	if len(all) > maxHessian {
		return 0, fmt.Errorf("landscape: Consensus.LambdaMin: the objective has %d variables; at most %d are accepted for a dense Hessian: %w", len(all), maxHessian, lr.ErrValue)
	}
	h := mat.NewSymDense(len(all), nil)
	for k, e := range all {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		*e = 1
		hu, hv := n.product(hess, us, vs, du, dv)
		*e = 0
		for i, v := range entriesOf(hu, hv) {
			if i >= k {
				h.SetSym(k, i, *v)
			}
		}
	}
	var eig mat.EigenSym
	if !eig.Factorize(h, false) {
		return 0, fmt.Errorf("landscape: the eigenvalues of the Hessian of (II.5) did not converge: %w", lr.ErrFailed)
	}
	return eig.Values(nil)[0], nil
}

func zeros(like []*mat.Dense) []*mat.Dense {
	var out []*mat.Dense
	for _, m := range like {
		r, c := m.Dims()
		out = append(out, mat.NewDense(r, c, nil))
	}
	return out
}

// entriesOf lists the entries of all matrices in order, row by row.
func entriesOf(lists ...[]*mat.Dense) []*float64 {
	var out []*float64
	for _, list := range lists {
		for _, m := range list {
			rows, cols := m.Dims()
			for i := range rows {
				row := m.RawRowView(i)
				for j := range cols {
					out = append(out, &row[j])
				}
			}
		}
	}
	return out
}
