package lowrankgo_test

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/operator"
	"github.com/lowrankgo/lowrank/lowrankgo/problem"
	"github.com/lowrankgo/lowrank/lowrankgo/sparse"
	"gonum.org/v1/gonum/mat"
)

// nested hides what it wraps behind a term, twice.
type nested struct{ lr.Problem }

func (n nested) Unregularised() lr.Problem { return n.Problem }

func TestUnregularisedOf(t *testing.T) {
	p := bowl()
	if got := lr.UnregularisedOf(nested{nested{p}}); fmt.Sprint(got) != fmt.Sprint(p) {
		t.Errorf("without its terms it is %v, want %v", got, p)
	}
	if got := lr.UnregularisedOf(p); fmt.Sprint(got) != fmt.Sprint(p) {
		t.Errorf("a problem without terms becomes %v", got)
	}
	f := must(problem.Factorisation{A: mat.NewDense(3, 3, []float64{4, 0, 0, 0, 2, 0, 0, 0, 1}), Rank: 2}.New())
	balanced := must(problem.Balance{Of: must(problem.Ridge{Of: f, Lambda: 0.3}.New()), Mu: 0.5}.New())
	x := &lr.Factors{U: normal("seen U", 3, 2), V: normal("seen V", 3, 2)}
	want := f.NewEval().Grad(nil, x)
	if got := lr.UnregularisedOf(balanced).NewEval().Grad(nil, x); got != want {
		t.Errorf("f alone is %g at a point, want %g", got, want)
	}
	if got := balanced.NewEval().Grad(nil, x); got <= want {
		t.Errorf("with its terms it is %g, want more than %g", got, want)
	}
}

func TestConvexOf(t *testing.T) {
	plain := bowl()
	if lr.ConvexOf(plain) {
		t.Error("functions are convex without being called so")
	}
	plain.IsConvex = true
	if !lr.ConvexOf(plain) || !lr.ConvexOf(nested{plain}) {
		t.Error("functions that are called convex are not")
	}
	if lr.ConvexOf(struct{ lr.Problem }{plain}) {
		t.Error("a type without the method is convex")
	}
}

// identityForm is (Weight/2)‖M − M*‖² as a form.
func identityForm(t *testing.T) lr.Funcs {
	t.Helper()
	f := everyAbility()
	op := must(operator.NewIdentity(4, 5))
	f.ErrorFormValue = &lr.ErrorForm{Form: must(operator.GramForm{Operator: op, Scale: 1}.New()), Weight: 1}
	return f
}

func TestErrorFormOf(t *testing.T) {
	f := identityForm(t)
	e, ok := lr.ErrorFormOf(f)
	if !ok || e != f.ErrorFormValue {
		t.Fatalf("the form is %v, %t", e, ok)
	}
	x := &lr.Factors{U: normal("form U", 4, 2), V: normal("form V", 5, 2)}
	d := mat.NewDense(4, 5, nil)
	d.Sub(x.Dense(), f.TruthValue.Dense())
	eye := mat.NewDense(5, 5, nil)
	for i := range 5 {
		eye.Set(i, i, 1)
	}
	got := e.Weight / 2 * e.Form.NewEval().Apply(d, eye)
	if want := f.GradFunc(nil, x); math.Abs(got-want) > 1e-12*want {
		t.Errorf("the form gives %g, the objective is %g", got, want)
	}
	f.TruthValue = nil
	if _, ok := lr.ErrorFormOf(f); ok {
		t.Error("without a truth there is a form around it")
	}
	if _, ok := lr.ErrorFormOf(everyAbility()); ok {
		t.Error("functions without the value have a form")
	}
	if _, ok := lr.ErrorFormOf(partial{identityForm(t), map[lr.Ability]bool{lr.AbilityTruth: true}}); ok {
		t.Error("a form is there that may not be asked for")
	}
}

func TestFuncsErrorFormCheck(t *testing.T) {
	other := must(operator.GramForm{Operator: must(operator.NewIdentity(5, 4))}.New())
	for name, c := range map[string]struct {
		change func(*lr.Funcs)
		want   error
		text   string
	}{
		"good":             {func(*lr.Funcs) {}, nil, ""},
		"with Q":           {func(f *lr.Funcs) { f.ErrorFormValue.Q = everyAbility() }, nil, ""},
		"no form":          {func(f *lr.Funcs) { f.ErrorFormValue.Form = nil }, lr.ErrEmpty, "no form"},
		"no truth":         {func(f *lr.Funcs) { f.TruthValue = nil }, lr.ErrEmpty, "TruthValue"},
		"another shape":    {func(f *lr.Funcs) { f.ErrorFormValue.Form = other }, lr.ErrShape, "5×4"},
		"no weight":        {func(f *lr.Funcs) { f.ErrorFormValue.Weight = 0 }, lr.ErrValue, "Weight = 0"},
		"infinite weight":  {func(f *lr.Funcs) { f.ErrorFormValue.Weight = math.Inf(1) }, lr.ErrValue, "+Inf"},
		"a Q of no rank":   {func(f *lr.Funcs) { f.ErrorFormValue.Q = lr.Funcs{} }, lr.ErrRank, "Q"},
		"a Q of one shape": {func(f *lr.Funcs) { f.ErrorFormValue.Q = bowl() }, lr.ErrShape, "Q"},
	} {
		f := identityForm(t)
		c.change(&f)
		if err := lr.CheckProblem(f); !errors.Is(err, c.want) || c.want != nil && !strings.Contains(err.Error(), c.text) {
			t.Errorf("%s: %v; want an error that wraps %v and says %q", name, err, c.want, c.text)
		}
	}
}

// clipped is min over s ∈ {0, 1} of (1 − s)·bowl + s, whose majoriser keeps the
// s that is best at a point.
func clipped() lr.Funcs {
	at := func(s float64) lr.Funcs {
		f := bowl()
		inside := f.GradFunc
		f.Name = fmt.Sprintf("bowl with s = %g", s)
		f.GradFunc = func(dst, x *lr.Factors) float64 {
			v := inside(dst, x)
			if dst != nil {
				dst.Scale(1 - s)
			}
			return (1-s)*v + s
		}
		f.HessFunc = nil
		return f
	}
	best := func(x *lr.Factors) float64 {
		if bowl().GradFunc(nil, x) > 1 {
			return 1
		}
		return 0
	}
	f := at(0)
	f.Name, f.TruthValue = "clipped bowl", nil
	f.GradFunc = func(dst, x *lr.Factors) float64 { return at(best(x)).GradFunc(dst, x) }
	f.MajoriserFunc = func(x *lr.Factors) (lr.Problem, error) { return at(best(x)), nil }
	return f
}

func TestMajoriserOf(t *testing.T) {
	p := clipped()
	if !lr.MajorisedOf(p) {
		t.Fatal("no majoriser")
	}
	x := lr.NewPoint(p)
	for _, size := range []float64{0.1, 1, 5} {
		x.U.Set(0, 0, size)
		x.V.Set(0, 0, size)
		g := must(lr.MajoriserOf(p, x))
		if got, want := g.NewEval().Grad(nil, x), p.GradFunc(nil, x); got != want {
			t.Errorf("at x the majoriser is %g, the objective %g", got, want)
		}
		y := x.Clone()
		y.Scale(0.3)
		if got, want := g.NewEval().Grad(nil, y), p.GradFunc(nil, y); got < want {
			t.Errorf("elsewhere the majoriser is %g, below the objective, %g", got, want)
		}
	}
}

func TestMajoriserOfRefuses(t *testing.T) {
	p := clipped()
	without, elsewhere, failing := p, p, p
	without.MajoriserFunc = nil
	elsewhere.MajoriserFunc = func(*lr.Factors) (lr.Problem, error) { return everyAbility(), nil }
	none := elsewhere
	none.MajoriserFunc = func(*lr.Factors) (lr.Problem, error) { return nil, nil }
	reason := errors.New("no reason")
	failing.MajoriserFunc = func(*lr.Factors) (lr.Problem, error) { return nil, reason }
	if lr.MajorisedOf(without) || lr.MajorisedOf(struct{ lr.Problem }{p}) || lr.MajorisedOf(partial{p, nil}) {
		t.Error("a majoriser is there that cannot be asked for")
	}
	if _, err := without.Majoriser(lr.NewPoint(p)); !errors.Is(err, lr.ErrAbility) {
		t.Errorf("asked for by the method: %v", err)
	}
	wrong := lr.NewFactors(9, 9, 1)
	for name, c := range map[string]struct {
		p    lr.Problem
		x    *lr.Factors
		want error
	}{
		"no function":          {without, lr.NewPoint(p), lr.ErrAbility},
		"a point elsewhere":    {p, wrong, lr.ErrShape},
		"a majoriser like it":  {elsewhere, lr.NewPoint(p), lr.ErrShape},
		"no majoriser":         {none, lr.NewPoint(p), lr.ErrEmpty},
		"a function that says": {failing, lr.NewPoint(p), reason},
	} {
		if g, err := lr.MajoriserOf(c.p, c.x); !errors.Is(err, c.want) || g != nil {
			t.Errorf("%s: %v, %v; want an error that wraps %v", name, g, err, c.want)
		}
	}
}

// Robust PCA has a majoriser: the objective with its sparse part kept.
func ExampleMajoriserOf() {
	data := mat.NewDense(4, 4, []float64{1, 1, 1, 9, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1})
	p, err := problem.RobustPCA{Data: data, Rank: 1, Alpha: 0.25, Projection: sparse.Exact}.New()
	if err != nil {
		fmt.Println(err)
		return
	}
	ones := &lr.Factors{U: column(1, 1, 1, 1), V: column(1, 1, 1, 1)}
	g, err := lr.MajoriserOf(p, ones)
	if err != nil {
		fmt.Println(err)
		return
	}
	zero := lr.NewPoint(p)
	fmt.Printf("at the point: %.1f and %.1f\n", p.NewEval().Grad(nil, ones), g.NewEval().Grad(nil, ones))
	fmt.Printf("at zero: %.1f and %.1f\n", p.NewEval().Grad(nil, zero), g.NewEval().Grad(nil, zero))
	fmt.Println("convex:", lr.ConvexOf(p), lr.ConvexOf(g))
	// Output:
	// at the point: 0.0 and 0.0
	// at zero: 6.0 and 8.0
	// convex: false true
}

func ExampleUnregularisedOf() {
	p, err := problem.Balance{Of: target(), Mu: 0.5}.New()
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(p)
	fmt.Println(lr.UnregularisedOf(p))
	fmt.Println("convex:", lr.ConvexOf(p))
	// Output:
	// Factorisation(Identity(2×2), rank 1, M = UVᵀ, weight 1) + balance(μ = 0.5)
	// Factorisation(Identity(2×2), rank 1, M = UVᵀ, weight 1)
	// convex: true
}
