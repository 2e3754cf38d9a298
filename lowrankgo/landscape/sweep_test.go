package landscape_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/initial"
	"github.com/lowrankgo/lowrank/lowrankgo/landscape"
	"github.com/lowrankgo/lowrank/lowrankgo/problem"
	"github.com/lowrankgo/lowrank/lowrankgo/solver"
	"gonum.org/v1/gonum/mat"
)

// sweepDiagonal is ½‖UUᵀ − diag(9, 4, 1)‖² of rank 1, whose saddles are exact.
func sweepDiagonal(uint64) (lr.Problem, error) {
	a := mat.NewDiagDense(3, []float64{9, 4, 1})
	return problem.Factorisation{A: mat.DenseCopyOf(a), Rank: 1, Symmetric: true}.New()
}

func sweepGaussian(seed uint64) (lr.Problem, error) {
	return problem.GaussianSensing{D1: 6, D2: 5, Rank: 1, M: 60, Seed: seed, Scale: problem.ScaleMean}.New()
}

func sweepRandom(p lr.Problem, seed uint64) (*lr.Factors, error) {
	return initial.Random{Seed: seed}.Point(p)
}

func sweepSaddle(p lr.Problem, _ uint64) (*lr.Factors, error) { return initial.Saddle{}.Point(p) }

// smallSweep is three steps of gradient descent on four problems.
func smallSweep() landscape.Sweep {
	return landscape.Sweep{
		Problems: sweepGaussian, Starts: []landscape.SweepStart{{Name: "random", Point: sweepRandom}},
		Methods: []lr.Method{solver.GD{}}, Seeds: 4, Options: &lr.Options{MaxIter: 3},
	}
}

// One start of two is a saddle, at which GD stays: three quarters of the runs
// succeed, and the table says which.
func TestSweep(t *testing.T) {
	var seen []string
	s := landscape.Sweep{
		Problems: sweepDiagonal,
		Starts:   []landscape.SweepStart{{Name: "random", Point: sweepRandom}, {Name: "saddle", Point: sweepSaddle}},
		Methods:  []lr.Method{solver.GD{}, solver.PerturbedGD{Seed: 1}}, Seeds: 3, Seed: 5,
		Options: &lr.Options{Stop: lr.RelErrBelow(1e-9), MaxIter: 3000},
		Certify: &landscape.Options{Seed: 1},
		OnDone:  func(done, total int) { seen = append(seen, fmt.Sprint(done, "/", total)) },
	}
	r, err := s.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Outcomes) != 12 || r.Total != 12 || len(seen) != 12 || seen[0] != "1/12" || seen[11] != "12/12" {
		t.Fatalf("%d outcomes of %d, told %v", len(r.Outcomes), r.Total, seen)
	}
	for i, o := range r.Outcomes {
		start, method := []string{"random", "saddle"}[i/2%2], s.Methods[i%2].Name()
		if o.Seed != uint64(5+i/4) || o.Start != start || o.Method != method {
			t.Errorf("outcome %d is of seed %d, start %s, %s", i, o.Seed, o.Start, o.Method)
		}
		stays := start == "saddle" && i%2 == 0
		want := landscape.NearOptimum
		if stays {
			want = landscape.NegativeCurvature
		}
		if o.Success == stays || o.X == nil || o.Trace == nil || o.Certificate.Verdict != want {
			t.Errorf("outcome %d: success %t, %v\n%v", i, o.Success, o.Status, o.Certificate)
		}
	}
	if r.Overall.Successes != 9 || r.ByStart[0].Proportion.Successes != 6 || r.ByStart[1].Proportion.Successes != 3 ||
		r.ByMethod[0].Proportion.Successes != 3 || r.ByMethod[1].Proportion.Successes != 6 || r.ByMethod[0].Proportion.Trials != 6 {
		t.Errorf("%v\n%+v\n%+v", r.Overall, r.ByStart, r.ByMethod)
	}
	if f := r.Failures(); len(f) != 3 || f[0].Start != "saddle" {
		t.Errorf("failures %+v", f)
	}
	for _, text := range []string{r.String(), r.HTML()} {
		for _, want := range []string{"success in 9 of 12", "start random", "method GD", "6 of 6", "median steps", landscape.NearOptimum.String()} {
			if !strings.Contains(text, want) {
				t.Errorf("%q is not in %s", want, text)
			}
		}
	}
}

// The same outcomes, bit for bit, for any number of threads.
func TestSweepBits(t *testing.T) {
	run := func(procs, workers int) *landscape.SweepResult {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(procs))
		s := smallSweep()
		s.Methods = append(s.Methods, solver.NoisySGD{Seed: 3})
		s.Options.MaxIter, s.Workers = 60, workers
		r, err := s.Run(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	want := run(1, 0)
	for _, procs := range []int{1, 2, 7} {
		got := run(procs, procs%3)
		for i, o := range got.Outcomes {
			w := want.Outcomes[i]
			if !o.X.Equal(w.X) || o.Certificate.Loss != w.Certificate.Loss || o.Certificate.Curvature.Value != w.Certificate.Curvature.Value || o.Iter != w.Iter {
				t.Errorf("GOMAXPROCS %d: outcome %d differs", procs, i)
			}
		}
		if got.String() != want.String() {
			t.Errorf("%v\n%v", got, want)
		}
	}
}

// A cancelled sweep gives what is complete.
func TestSweepCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	s := smallSweep()
	s.Seeds, s.Workers = 50, 2
	s.OnDone = func(done, _ int) {
		if done == 5 {
			cancel()
		}
	}
	r, err := s.Run(ctx)
	if !errors.Is(err, lr.ErrCanceled) || !errors.Is(err, context.Canceled) {
		t.Errorf("the error is %v", err)
	}
	if n := len(r.Outcomes); n < 5 || n > 7 || r.Total != 50 || r.Overall.Trials != n || !strings.Contains(r.String(), "the sweep ended after") {
		t.Errorf("%d outcomes:\n%v", n, r)
	}
	r, err = s.Run(ctx) // ended before it begins
	if !errors.Is(err, lr.ErrCanceled) || len(r.Outcomes) != 0 || !strings.Contains(r.HTML(), "0 of 0") {
		t.Errorf("%v, %v", r, err)
	}
}

// breaks is a method whose step panics, or goes to infinity.
type breaks struct{ how string }

func (b breaks) Name() string { return "breaks by " + b.how }

func (b breaks) Start(p lr.Problem, x0 *lr.Factors) (lr.Stepper, error) {
	return &broken{how: b.how, x: x0.Clone(), loss: p.NewEval().Grad(nil, x0)}, nil
}

type broken struct {
	how  string
	x    *lr.Factors
	loss float64
}

func (b *broken) Step(context.Context) error {
	if b.how == "panic" {
		panic("broken")
	}
	b.loss = math.Inf(1)
	return nil
}

func (b *broken) Point() *lr.Factors { return b.x }

func (b *broken) Info() lr.Info { return lr.Info{Loss: b.loss, GradNorm: 1} }

// Runs that diverge or fail are outcomes, with their last point certified.
func TestSweepOfFailures(t *testing.T) {
	s := smallSweep()
	s.Methods, s.Seeds = []lr.Method{breaks{"infinity"}, breaks{"panic"}}, 2
	s.Success = func(*landscape.SweepOutcome) bool { return true }
	r, err := s.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []error{lr.ErrDiverged, lr.ErrFailed, lr.ErrDiverged, lr.ErrFailed} {
		if o := r.Outcomes[i]; o.Success || !errors.Is(o.Err, want) || o.Certificate == nil {
			t.Errorf("outcome %d: success %t, error %v", i, o.Success, o.Err)
		}
	}
}

// What cannot be swept is refused, and names what is wrong.
func TestSweepRefuses(t *testing.T) {
	random := smallSweep().Starts[0]
	for _, c := range []struct {
		change func(s *landscape.Sweep)
		is     error
		says   string
	}{
		{func(s *landscape.Sweep) { s.Problems = nil }, lr.ErrEmpty, "no Problems"},
		{func(s *landscape.Sweep) { s.Starts = nil }, lr.ErrEmpty, "0 Starts and 1 Methods"},
		{func(s *landscape.Sweep) { s.Methods = nil }, lr.ErrEmpty, "1 Starts and 0 Methods"},
		{func(s *landscape.Sweep) { s.Methods = []lr.Method{nil} }, lr.ErrEmpty, "method 0"},
		{func(s *landscape.Sweep) { s.Starts = []landscape.SweepStart{{Point: sweepRandom}} }, lr.ErrEmpty, `named ""`},
		{func(s *landscape.Sweep) { s.Starts = []landscape.SweepStart{random, random} }, lr.ErrEmpty, `named "random"`},
		{func(s *landscape.Sweep) { s.Starts = []landscape.SweepStart{{Name: "a"}} }, lr.ErrEmpty, "needs a Point"},
		{func(s *landscape.Sweep) { s.Seeds = -1 }, lr.ErrValue, "Seeds = -1"},
		{func(s *landscape.Sweep) { s.Workers = -2 }, lr.ErrValue, "Workers = -2"},
		{func(s *landscape.Sweep) { s.Confidence = 95 }, lr.ErrValue, "confidence of 95"},
		{func(s *landscape.Sweep) { s.Options = &lr.Options{Checkpoint: lr.Checkpoint{Path: "run"}} }, lr.ErrValue, `"run"`},
	} {
		s := smallSweep()
		c.change(&s)
		if r, err := s.Run(t.Context()); r != nil || !errors.Is(err, c.is) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("the error is %v, want %q", err, c.says)
		}
	}
}

// What goes wrong in a function given ends the sweep.
func TestSweepErrors(t *testing.T) {
	bad := errors.New("no such thing")
	start := func(f func(lr.Problem, uint64) (*lr.Factors, error)) []landscape.SweepStart {
		return []landscape.SweepStart{{Name: "random", Point: f}}
	}
	for name, c := range map[string]struct {
		change func(s *landscape.Sweep)
		is     error
		says   string
	}{
		"options":       {func(s *landscape.Sweep) { s.Options = &lr.Options{MaxIter: -1} }, lr.ErrValue, "MaxIter = -1"},
		"certificate":   {func(s *landscape.Sweep) { s.Certify = &landscape.Options{Products: -1} }, lr.ErrValue, "the certificate of GD"},
		"problem error": {func(s *landscape.Sweep) { s.Problems = func(uint64) (lr.Problem, error) { return nil, bad } }, bad, "the problem of seed 0: no such thing"},
		"problem nil":   {func(s *landscape.Sweep) { s.Problems = func(uint64) (lr.Problem, error) { return nil, nil } }, lr.ErrEmpty, "the problem of seed 0"},
		"problem panic": {func(s *landscape.Sweep) { s.Problems = func(uint64) (lr.Problem, error) { panic("oh") } }, lr.ErrFailed, "panic: oh"},
		"start panic": {func(s *landscape.Sweep) {
			s.Starts = start(func(lr.Problem, uint64) (*lr.Factors, error) { panic("oh") })
		}, lr.ErrFailed, "panic: oh"},
		"start error": {func(s *landscape.Sweep) {
			s.Starts = start(func(lr.Problem, uint64) (*lr.Factors, error) { return nil, bad })
		}, bad, `start "random" of seed 0`},
		"start shape": {func(s *landscape.Sweep) {
			s.Starts = start(func(lr.Problem, uint64) (*lr.Factors, error) { return lr.NewFactors(2, 2, 1), nil })
		}, lr.ErrShape, `from start "random", seed 0`},
		"success panic": {func(s *landscape.Sweep) { s.Success = func(*landscape.SweepOutcome) bool { panic("oh") } }, lr.ErrFailed, "panic: oh"},
		"done panic":    {func(s *landscape.Sweep) { s.OnDone = func(int, int) { panic("oh") } }, lr.ErrFailed, "panic: oh"},
		"ability":       {func(s *landscape.Sweep) { s.Methods = []lr.Method{solver.AccAltProj{}} }, lr.ErrAbility, "AccAltProj"},
	} {
		s := smallSweep()
		c.change(&s)
		if r, err := s.Run(t.Context()); r == nil || !errors.Is(err, c.is) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: the error is %v", name, err)
		}
	}
	for range 20 { // of seeds 2 and 3, which both fail, the first is told
		s := smallSweep()
		s.Workers = 4
		s.Problems = func(seed uint64) (lr.Problem, error) {
			if seed >= 2 {
				return nil, bad
			}
			return sweepGaussian(seed)
		}
		r, err := s.Run(t.Context())
		if len(r.Outcomes) != 2 || err == nil || !strings.Contains(err.Error(), "the problem of seed 2") {
			t.Fatalf("%d outcomes, error %v", len(r.Outcomes), err)
		}
	}
}

// A problem is made once, whatever its runs, and Workers: 1 makes calls one by one.
func TestSweepMakesProblemsOnce(t *testing.T) {
	var made, running, most atomic.Int64
	s := smallSweep()
	s.Problems = func(seed uint64) (lr.Problem, error) { made.Add(1); return sweepGaussian(seed) }
	s.Starts = append(s.Starts, landscape.SweepStart{Name: "other", Point: func(p lr.Problem, seed uint64) (*lr.Factors, error) {
		most.Store(max(most.Load(), running.Add(1)))
		defer running.Add(-1)
		return sweepRandom(p, seed+100)
	}})
	s.Methods, s.Seeds, s.Workers = append(s.Methods, solver.LBFGS{}), 0, 1
	r, err := s.Run(t.Context())
	if err != nil || made.Load() != 10 || most.Load() != 1 || r.Total != 40 {
		t.Errorf("%d problems for %d runs, %d at a time, error %v", made.Load(), r.Total, most.Load(), err)
	}
}

// Three starts, one of them a saddle, and a method that leaves it.
func ExampleSweep() {
	r, err := landscape.Sweep{
		Problems: func(seed uint64) (lr.Problem, error) {
			return problem.Factorisation{A: mat.NewDense(2, 2, []float64{4, 0, 0, 1}), Rank: 1, Symmetric: true}.New()
		},
		Starts: []landscape.SweepStart{
			{Name: "random", Point: func(p lr.Problem, seed uint64) (*lr.Factors, error) {
				return initial.Random{Seed: seed}.Point(p)
			}},
			{Name: "zero", Point: func(p lr.Problem, _ uint64) (*lr.Factors, error) { return initial.Zero{}.Point(p) }},
			{Name: "saddle", Point: func(p lr.Problem, _ uint64) (*lr.Factors, error) { return initial.Saddle{}.Point(p) }},
		},
		Methods: []lr.Method{solver.PerturbedGD{Seed: 1}},
		Options: &lr.Options{Stop: lr.RelErrBelow(1e-8), MaxIter: 5000},
	}.Run(context.Background())
	fmt.Println(r.Overall, err)
	// Output: 30 of 30 (95 % interval 0.884–1) <nil>
}
