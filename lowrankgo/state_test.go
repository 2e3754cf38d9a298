package lowrankgo_test

import (
	"bytes"
	"errors"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"
)

// extra gives wander's State more or other variables.
type extra struct {
	wander
	add []any
}

func (m extra) Start(p lr.Problem, x0 *lr.Factors) (lr.Stepper, error) {
	s, err := m.wander.Start(p, x0)
	s.(*wandering).addition = m.add
	return s, err
}

// forgetful does not store its point.
type forgetful struct{ wander }

type forgetfulState struct{ *wandering }

func (m forgetful) Start(p lr.Problem, x0 *lr.Factors) (lr.Stepper, error) {
	s, err := m.wander.Start(p, x0)
	return forgetfulState{s.(*wandering)}, err
}

func (s forgetfulState) State() []any { return []any{s.v} }

// A method of the same name whose state has changed is told from the one that
// was saved; what cannot be stored is an error before anything is written.
func TestOtherStates(t *testing.T) {
	p, none := spoon(3), (*float64)(nil)
	n, x := 1, []float64{1, 2}
	o := &lr.Options{MaxIter: 4, Stop: never}
	data := func(m lr.Method) []byte { r := started(t, p, m, o); drain(r); return stored(t, r) }
	for _, c := range []struct {
		name      string
		saved, is lr.Method
		says      string
	}{
		{"one more", wander{}, extra{add: []any{&n}}, "12 variables of wander(seed 0), which has 13"},
		{"another kind", extra{add: []any{x}}, extra{add: []any{&n}}, "[]float64[2] is saved where the method has *int[]"},
		{"another length", extra{add: []any{x}}, extra{add: []any{x[:1]}}, "[]float64[2] is saved where the method has []float64[1]"},
		{"another shape", extra{add: []any{ones()}}, extra{add: []any{ones().Clone().U}}, "*lowrankgo.Factors[2 1 2 1] is saved where the method has *mat.Dense[2 1]"},
		{"no saver", wander{}, renamed{script{}, "wander(seed 0)"}, "no method State"},
	} {
		if _, err := lr.Resume(p, c.is, bytes.NewReader(data(c.saved)), o); !errors.Is(err, lr.ErrCheckpoint) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: error %v; want one that says %q", c.name, err, c.says)
		}
	}
	if _, err := lr.Resume(p, forgetful{}, bytes.NewReader(data(forgetful{})), o); err != nil {
		t.Errorf("a state without its point, which Start has: %v", err)
	}
	for name, m := range map[string]lr.Method{
		"a string": extra{add: []any{"text"}}, "a nil pointer": extra{add: []any{none}}, "nil": extra{add: []any{nil}}, "no saver": script{},
	} {
		r := started(t, p, m, o)
		var b bytes.Buffer
		if err := r.Save(&b); !errors.Is(err, lr.ErrCheckpoint) || !strings.Contains(err.Error(), "cannot be saved") || b.Len() > 0 {
			t.Errorf("%s: error %v with %d bytes written", name, err, b.Len())
		}
		with := *o
		with.Checkpoint.Path = filepath.Join(t.TempDir(), "run")
		if _, err := lr.Start(p, m, ones(), &with); !errors.Is(err, lr.ErrCheckpoint) {
			t.Errorf("%s: Start with checkpoints gives %v", name, err)
		}
	}
}

type renamed struct {
	script
	name string
}

func (r renamed) Name() string { return r.name }

// A method that moves its point when it starts cannot be brought back unless
// its State has it.
type mover struct{ forgetful }

func (m mover) Start(p lr.Problem, x0 *lr.Factors) (lr.Stepper, error) {
	s, err := m.forgetful.Start(p, x0)
	s.Point().Scale(2)
	return s, err
}

func TestStateWithoutPoint(t *testing.T) {
	p, o := spoon(3), &lr.Options{MaxIter: 4, Stop: never}
	r := started(t, p, mover{}, o)
	drain(r)
	if _, err := lr.Resume(p, mover{}, bytes.NewReader(stored(t, r)), o); !errors.Is(err, lr.ErrCheckpoint) || !strings.Contains(err.Error(), "does not bring back its point") {
		t.Errorf("the error is %v", err)
	}
}

// keeper's State is what a test gives it.
type keeper struct{ state []any }

type kept struct {
	*scripted
	state []any
}

func (keeper) Name() string { return "keeper" }

func (m keeper) Start(p lr.Problem, x0 *lr.Factors) (lr.Stepper, error) {
	s, err := script{}.Start(p, x0)
	return kept{s.(*scripted), m.state}, err
}

func (s kept) State() []any { return s.state }

// TestBitsSurvive stores any bits at all, those of NaN and of −0 too.
func TestBitsSurvive(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		bits := rapid.OneOf(rapid.Uint64(), rapid.SampledFrom([]uint64{0, 1 << 63, math.Float64bits(math.Inf(-1)), 0x7ff8dead00000001}))
		float := func(name string) float64 { return math.Float64frombits(bits.Draw(t, name)) }
		n := rapid.IntRange(0, 5).Draw(t, "length")
		values, counts := make([]float64, n), make([]int, n)
		for i := range values {
			values[i], counts[i] = float("value"), int(rapid.Int64().Draw(t, "count"))
		}
		f, k, u, yes := float("float"), rapid.Int().Draw(t, "int"), bits.Draw(t, "uint"), rapid.Bool().Draw(t, "bool")
		info := lr.Info{Loss: float("loss"), GradNorm: float("norm"), Step: float("step"), Evals: k}
		m := mat.NewDense(1, 2, []float64{float("m1"), float("m2")})
		x := &lr.Factors{U: mat.NewDense(1, 1, []float64{float("u")})}
		noise := lr.StreamSource(u, "any")
		noise.Uint64()

		r, err := lr.Start(bowl(), keeper{[]any{&f, &k, &u, &yes, &info, values, counts, m, x, noise}}, ones(), nil)
		if err != nil {
			t.Fatal(err)
		}
		var file bytes.Buffer
		if err := r.Save(&file); err != nil {
			t.Fatal(err)
		}
		var f2 float64
		var k2 int
		var u2 uint64
		var yes2 bool
		var info2 lr.Info
		values2, counts2, m2, x2, noise2 := make([]float64, n), make([]int, n), mat.NewDense(1, 2, nil), lr.NewSymmetric(1, 1), lr.StreamSource(0, "none")
		if _, err := lr.Resume(bowl(), keeper{[]any{&f2, &k2, &u2, &yes2, &info2, values2, counts2, m2, x2, noise2}}, &file, nil); err != nil {
			t.Fatal(err)
		}
		want := append([]float64{f, info.Loss, info.GradNorm, info.Step, m.At(0, 0), m.At(0, 1), x.U.At(0, 0)}, values...)
		got := append([]float64{f2, info2.Loss, info2.GradNorm, info2.Step, m2.At(0, 0), m2.At(0, 1), x2.U.At(0, 0)}, values2...)
		for i := range want {
			if math.Float64bits(got[i]) != math.Float64bits(want[i]) {
				t.Errorf("number %d is %x, want %x", i, math.Float64bits(got[i]), math.Float64bits(want[i]))
			}
		}
		if k2 != k || u2 != u || yes2 != yes || info2.Evals != k || !slices.Equal(counts2, counts) || noise2.Uint64() != noise.Uint64() {
			t.Errorf("%v %v %v %v %v, want %v %v %v %v %v, or another random number", k2, u2, yes2, info2.Evals, counts2, k, u, yes, k, counts)
		}
	})
}
