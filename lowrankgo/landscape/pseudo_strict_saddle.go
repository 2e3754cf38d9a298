package landscape

import (
	"context"
	"fmt"
	"math"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
)

// PseudoSaddle is what [G] Def 5 asks of a point x and its majoriser g_x.
type PseudoSaddle struct {
	Equal    Check // g_x(x) = f(x)
	Gradient Check // ‖∇g_x(x) − ∇f(x)‖ = 0, which follows where f is smooth
	// Above: f(y) ≤ g_x(y) at the probe y where g_x is least above f, relative to
	// their size.
	Above  Check
	Worst  int // that probe
	Probes int // how many were tried
	// Certificate is that of g_x at x: the gradient, and λmin(∇²g_x(x)) with its
	// direction.
	Certificate *Certificate
}

// PseudoStrictSaddle checks [G] Def 5, arXiv:1704.00708, at x: that the problem's
// majoriser is one,
//
//	g_x(y) ≥ f(y) for all y,  g_x(x) = f(x)
//
// at the probes y, and which case x is in: ‖∇f(x)‖ ≥ θ, λmin(∇²g_x(x)) ≤ −γ, or
// within ζ of the solutions. The first two are numbers; g_x ≥ f is only tried at
// the probes and can be refuted by them, not proven. Probes nil: 20 points, at 0
// to 10 times the size of x, around x and around 0, and the truth where it is
// known, drawn from Options.Seed.
//
// It costs an evaluation of f and g_x for each probe, and [Certify] of g_x. A
// problem without majoriser is an error that wraps [lowrankgo.ErrAbility]; other
// errors are those of Certify, and probes that do not fit.
func PseudoStrictSaddle(ctx context.Context, p lr.Problem, x *lr.Factors, probes []*lr.Factors, o *Options) (*PseudoSaddle, error) {
	if err := lr.CheckProblem(p); err != nil {
		return nil, fmt.Errorf("landscape: %w", err)
	}
	if err := lr.CheckPoint(p, x); err != nil {
		return nil, fmt.Errorf("landscape: %w", err)
	}
	for i, y := range probes {
		if err := lr.CheckPoint(p, y); err != nil {
			return nil, fmt.Errorf("landscape: probe %d of PseudoStrictSaddle: %w", i, err)
		}
	}
	g, err := lr.MajoriserOf(p, x)
	if err != nil {
		return nil, fmt.Errorf("landscape: PseudoStrictSaddle: %w", err)
	}
	if probes == nil {
		probes = defaultProbes(p, x, o)
	}
	n := &PseudoSaddle{Probes: len(probes)}
	n.atPoint(p, g, x)
	if err := n.tryProbes(ctx, p, g, probes); err != nil {
		return nil, err
	}
	n.Certificate, err = Certify(ctx, g, x, o)
	return n, err
}

func (n *PseudoSaddle) atPoint(p, g lr.Problem, x *lr.Factors) {
	gradF, gradG := lr.NewPoint(p), lr.NewPoint(p)
	f, above := p.NewEval().Grad(gradF, x), g.NewEval().Grad(gradG, x)
	size := gradF.Norm() + gradG.Norm()
	gradG.AddScaled(-1, gradF)
	const item = "[G] Def 5"
	n.Equal = Check{Item: item, Claim: "g_x(x) = f(x)", Left: above, Right: f, Scale: math.Abs(above) + math.Abs(f)}
	n.Gradient = Check{Item: item, Claim: "‖∇g_x(x) − ∇f(x)‖ = 0", Left: gradG.Norm(), Scale: size + x.Norm()}
}

func (n *PseudoSaddle) tryProbes(ctx context.Context, p, g lr.Problem, probes []*lr.Factors) error {
	ef, eg := p.NewEval(), g.NewEval()
	least := math.Inf(1)
	for i, y := range probes {
		if ctx.Err() != nil {
			return fmt.Errorf("landscape: PseudoStrictSaddle: %w: %w", lr.ErrCanceled, context.Cause(ctx))
		}
		f, above := ef.Grad(nil, y), eg.Grad(nil, y)
		size := math.Abs(f) + math.Abs(above)
		margin := 0.0
		if f != above {
			margin = (above - f) / size
		}
		if margin < least {
			least, n.Worst = margin, i
			n.Above = Check{Item: "[G] Def 5", Claim: "f(y) ≤ g_x(y)", Relation: AtMost, Left: f, Right: above, Scale: size}
		}
	}
	return nil
}

// defaultProbes are points around x and around 0, and the truth.
func defaultProbes(p lr.Problem, x *lr.Factors, o *Options) []*lr.Factors {
	var seed uint64
	if o != nil {
		seed = o.Seed
	}
	size := x.Norm()
	if size == 0 {
		size = 1
	}
	var all []*lr.Factors
	for k := range 20 {
		y := lr.NewPoint(p)
		rng := lr.Stream(seed, "pseudo strict saddle: probe", uint64(k))
		y.U.Copy(lr.NormalMatrix(rng, y.U.RawMatrix().Rows, y.U.RawMatrix().Cols))
		if y.V != nil {
			y.V.Copy(lr.NormalMatrix(rng, y.V.RawMatrix().Rows, y.V.RawMatrix().Cols))
		}
		y.Scale(size * math.Pow(10, float64(k/2)/3-2) / y.Norm())
		if k%2 == 0 {
			y.AddScaled(1, x)
		}
		all = append(all, y)
	}
	if truth, ok := lr.TruthOf(p); ok {
		if a, err := Align(x, truth); err == nil {
			all = append(all, a.Nearest)
		}
	}
	return all
}
