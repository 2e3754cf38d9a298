package landscape

import (
	"context"
	"errors"
	"fmt"
	"math"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
)

// Certify says what kind of point x is, which of the cases of Def 2 of [G],
// arXiv:1704.00708, it is in: the gradient is large (‖∇g‖ ≥ θ), or there is
// negative curvature (λmin(∇²g) ≤ −γ), or it is within ζ of the solutions. They
// are looked at in this order, the first that holds is the [Verdict].
//
// λmin is looked for by Lanczos' method with full reorthogonalisation on
// Hessian-vector products, from a random start. Directions in which the group
// of the problem moves x (see [Gauge]) are left out where the gradient is so
// small that they have no curvature. The value given is ⟨v, ∇²g v⟩ of the
// direction found, by one more product, so that a negative one is proven
// whatever the search missed.
//
// Without Options the numbers of Def 2 are relative, so that scaling the data
// changes no verdict: with L the largest eigenvalue found and s the larger of
// ‖x‖ and the length of the balanced factors of the truth, or, where it is not
// known, of the length at which the terms of third order of the gradient are as
// large as those of first order,
//
//	θ = 10⁻⁶·L·s,  γ = 10⁻⁶·L,  ζ = 10⁻³ of the length of the solutions
//
// where that length is ‖M*‖F if distances are ‖UVᵀ − M*‖F, else √2‖M*‖₊^½, or
// ‖M*‖₊^½ when symmetric. A point at which a run has stopped by its default rule
// is far below θ.
//
// A problem without Hessian products is certified by differences of gradients,
// with the error that this makes; one that has a majoriser at x, as robust PCA,
// by the majoriser (the pseudo strict saddles of Def 5). Points of deficient
// rank are like all others.
//
// It costs at most Options.Products Hessian products, each of 2 to 2.3
// gradients or two with differences, 3 to 40 gradients, some 4n·k² flops for k
// products and n = r(d1+d2) variables (rd when symmetric), and what [NuclearGap]
// costs where f is convex; 8n bytes for each product are kept while it runs.
// The same seed gives the same bits for any GOMAXPROCS.
//
// A problem or point that does not fit and a function that is not finite are
// errors. When ctx ends, what is known is returned with an error that wraps
// [lowrankgo.ErrCanceled]; it looks at ctx before each evaluation.
func Certify(ctx context.Context, p lr.Problem, x *lr.Factors, o *Options) (c *Certificate, err error) {
	opts, err := checked(p, x, o)
	if err != nil {
		return nil, err
	}
	defer func() {
		if r := recover(); r != nil {
			c, err = nil, fmt.Errorf("landscape: %s panics while it is certified: %v: %w", describe(p), r, lr.ErrFailed)
		}
	}()
	s, err := newStudy(p, x, opts)
	if err != nil {
		return nil, err
	}
	for _, part := range []func(context.Context) error{s.values, s.atTruth, s.length, s.group, s.search, s.duality} {
		if err = part(ctx); err != nil {
			break
		}
	}
	s.judge()
	switch {
	case err == nil:
		return s.c, nil
	case ctx.Err() != nil && errors.Is(err, ctx.Err()):
		return s.c, fmt.Errorf("landscape: the certificate of %s has only what was known after %d Hessian products: %w (%w)",
			describe(p), s.c.Curvature.Products, lr.ErrCanceled, context.Cause(ctx))
	}
	return nil, err
}

// checked fills o, and checks that problem and point can be looked at.
func checked(p lr.Problem, x *lr.Factors, o *Options) (Options, error) {
	f, err := o.filled()
	if err != nil {
		return f, err
	}
	if err := lr.CheckProblem(p); err != nil {
		return f, err
	}
	return f, lr.CheckPoint(p, x)
}

func (o *Options) filled() (Options, error) {
	var f Options
	if o != nil {
		f = *o
	}
	for _, v := range []struct {
		name  string
		value float64
	}{{"Tol", f.Tol}, {"Theta", f.Theta}, {"Gamma", f.Gamma}, {"Zeta", f.Zeta}} {
		if !(v.value >= 0) || math.IsInf(v.value, 0) {
			return f, fmt.Errorf("landscape: Options has %s = %v; a finite number ≥ 0 is wanted, where 0 is the default: %w", v.name, v.value, lr.ErrValue)
		}
	}
	if f.Products < 0 || f.Products == 1 {
		return f, fmt.Errorf("landscape: Options has Products = %d; at least 2 Hessian products are needed, one to search and one to confirm (0 is the default, 60): %w", f.Products, lr.ErrValue)
	}
	if f.Products == 0 {
		f.Products = 60
	}
	return f, nil
}

// A study is a certificate in the making.
type study struct {
	o     Options
	x     *lr.Factors
	p     lr.Problem   // as given
	eval  lr.Evaluator // of p, or of its majoriser at x
	hess  lr.HessVec   // of the same; nil when products are differences of gradients
	grad  *lr.Factors  // ∇g(x)
	truth *solution    // nil where it is not known
	orbit *orbit       // how the group moves x; nil before it is known
	c     *Certificate

	decided bool // the search went far enough to rest on what it did not find
}

func newStudy(p lr.Problem, x *lr.Factors, o Options) (*study, error) {
	q, majorised := p, lr.MajorisedOf(p)
	if majorised {
		var err error
		if q, err = lr.MajoriserOf(p, x); err != nil {
			return nil, err
		}
	}
	s := &study{o: o, x: x, p: p, grad: lr.NewPoint(p)}
	if h, ok := lr.HessVecOf(q); ok && !o.Differences {
		s.eval, s.hess = h, h
	} else if s.eval = q.NewEval(); o.Products < 3 {
		return nil, fmt.Errorf("landscape: Options has Products = %d; products of %s are differences of gradients, of which at least 3 are needed: to search, to confirm and to estimate the error: %w", o.Products, describe(p), lr.ErrValue)
	}
	nan := math.NaN()
	d1, d2, r := p.Dims()
	s.c = &Certificate{
		Problem: describe(p), D1: d1, D2: d2, Rank: r, Symmetric: lr.SymmetricOf(p), Majoriser: majorised,
		Loss: nan, GradNorm: nan, RelGrad: nan, Scale: nan, Distance: nan, RelErr: nan, Gauge: NoGauge,
		Theta: nan, Gamma: nan, Zeta: nan, TruthLoss: nan, TruthGrad: nan,
		Curvature: Curvature{Value: nan, Residual: nan, Largest: nan, Lower: math.Inf(-1), Gradients: s.hess == nil},
	}
	return s, nil
}

// values finds value and gradient at x, and how the factors are conditioned.
func (s *study) values(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	c := s.c
	c.Loss = s.eval.Grad(s.grad, s.x)
	c.GradNorm = s.grad.Norm()
	if !finite(c.Loss) || !finite(c.GradNorm) {
		return fmt.Errorf("landscape: at the point %s has the value %v and a gradient of norm %v; a point where both are finite is wanted: %w", c.Problem, c.Loss, c.GradNorm, lr.ErrValue)
	}
	c.CondU, c.RankU = condition(s.x.U)
	c.CondV, c.RankV = c.CondU, c.RankU
	if !c.Symmetric {
		c.CondV, c.RankV = condition(s.x.V)
		c.Balance = imbalance(s.x)
	}
	return nil
}

// duality finds the gap of a convex f.
func (s *study) duality(ctx context.Context) (err error) {
	s.c.Gap, err = nuclearGap(ctx, s.p, s.x, s.o.Seed)
	return err
}
