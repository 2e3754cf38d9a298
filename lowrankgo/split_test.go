package lowrankgo_test

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/lowranktest"
	"gonum.org/v1/gonum/mat"
)

// TestMost: ⌊γα·n⌋ is what the decimal numbers say. In floating point 0.29·100
// is 28.999…, and so are many others.
func TestMost(t *testing.T) {
	wrong := 0
	for percent := 1; percent <= 100; percent++ {
		for _, n := range []int{1, 7, 50, 99, 100, 101, 1000, 2500, 20000} {
			alpha := float64(percent) / 100
			if int(alpha*float64(n)) != percent*n/100 {
				wrong++
			}
			if got := (lr.SparseSet{Alpha: alpha}).Most(n); got != percent*n/100 {
				t.Errorf("%d %% of %d is %d entries, want %d", percent, n, got, percent*n/100)
			}
		}
	}
	if wrong == 0 {
		t.Error("floating point would do: the test shows nothing")
	}
	for _, c := range []struct {
		set     lr.SparseSet
		n, want int
	}{
		{lr.SparseSet{Alpha: 0.29}, 100, 29},
		{lr.SparseSet{Alpha: 0.145, Gamma: 2}, 100, 29},
		{lr.SparseSet{Alpha: 0.1, Gamma: 3}, 10, 3},
		{lr.SparseSet{Alpha: 1.0 / 3}, 9, 3},
		{lr.SparseSet{Alpha: 0.1}, 9, 0},
		{lr.SparseSet{Alpha: 0.1}, 0, 0},
		{lr.SparseSet{Alpha: 0.5, Gamma: 3}, 10, 10},
	} {
		if got := c.set.Most(c.n); got != c.want {
			t.Errorf("%v of %d: %d entries, want %d", c.set, c.n, got, c.want)
		}
	}
}

func TestSparseSet(t *testing.T) {
	f := lr.SparseSet{Alpha: 0.2}.Filled()
	if f.Gamma != 1 || !math.IsInf(f.Cap, 1) || f.Alpha != 0.2 {
		t.Errorf("the defaults are %+v; want Gamma 1 and no Cap", f)
	}
	for want, s := range map[string]lr.SparseSet{
		"α 0.2":             {Alpha: 0.2},
		"α 0.2, γ 2":        {Alpha: 0.2, Gamma: 2},
		"α 0.1, cap 3":      {Alpha: 0.1, Cap: 3},
		"α 0.1, γ 2, cap 3": {Alpha: 0.1, Gamma: 2, Cap: 3},
	} {
		if got := s.String(); got != want {
			t.Errorf("%+v prints as %q, want %q", s, got, want)
		}
	}
}

func TestSparseSetCheck(t *testing.T) {
	for _, c := range []struct {
		name   string
		set    lr.SparseSet
		d1, d2 int
		says   []string // nil: good
	}{
		{"a tenth", lr.SparseSet{Alpha: 0.1}, 20, 10, nil},
		{"exactly one", lr.SparseSet{Alpha: 0.1}, 10, 10, nil},
		{"all, with a cap", lr.SparseSet{Alpha: 1, Cap: 2}, 3, 3, nil},
		{"all by the slack, with a cap", lr.SparseSet{Alpha: 0.5, Gamma: 2, Cap: 2}, 3, 3, nil},
		{"no α", lr.SparseSet{}, 10, 10, []string{"Alpha = 0", "above 0"}},
		{"negative α", lr.SparseSet{Alpha: -0.1}, 10, 10, []string{"Alpha = -0.1"}},
		{"α of NaN", lr.SparseSet{Alpha: math.NaN()}, 10, 10, []string{"Alpha = NaN"}},
		{"α above 1", lr.SparseSet{Alpha: 1.5}, 10, 10, []string{"Alpha = 1.5", "at most 1"}},
		{"γ below 1", lr.SparseSet{Alpha: 0.1, Gamma: 0.5}, 10, 10, []string{"Gamma = 0.5", "at least 1"}},
		{"γ of NaN", lr.SparseSet{Alpha: 0.1, Gamma: math.NaN()}, 10, 10, []string{"Gamma = NaN"}},
		{"γ infinite", lr.SparseSet{Alpha: 0.1, Gamma: math.Inf(1)}, 10, 10, []string{"Gamma = +Inf"}},
		{"negative cap", lr.SparseSet{Alpha: 0.1, Cap: -1}, 10, 10, []string{"Cap = -1", "positive"}},
		{"cap of NaN", lr.SparseSet{Alpha: 0.1, Cap: math.NaN()}, 10, 10, []string{"Cap = NaN"}},
		{"γα above 1", lr.SparseSet{Alpha: 0.6, Gamma: 2, Cap: 1}, 10, 10, []string{"Gamma·Alpha = 1.2", "at most 1"}},
		{"all without a cap", lr.SparseSet{Alpha: 1}, 10, 10, []string{"Gamma·Alpha = 1", "every matrix"}},
		{"all by the slack", lr.SparseSet{Alpha: 0.5, Gamma: 2}, 10, 10, []string{"every matrix"}},
		{"none in a row", lr.SparseSet{Alpha: 0.05}, 40, 10, []string{"40×10", "0 entries in a row and 2 in a column", "≥ 0.1"}},
		{"none in a column", lr.SparseSet{Alpha: 0.05}, 10, 40, []string{"10×40", "2 entries in a row and 0 in a column", "≥ 0.1"}},
		{"one row", lr.SparseSet{Alpha: 0.5}, 1, 10, []string{"1×10", "≥ 1"}},
	} {
		err := c.set.Check(c.d1, c.d2)
		if c.says == nil {
			if err != nil {
				t.Errorf("%s: %v", c.name, err)
			}
			continue
		}
		if !errors.Is(err, lr.ErrValue) {
			t.Errorf("%s: error %v; want one that wraps ErrValue", c.name, err)
			continue
		}
		for _, s := range c.says {
			if !strings.Contains(err.Error(), s) {
				t.Errorf("%s: %q does not say %q", c.name, err, s)
			}
		}
	}
}

// threshold is the S of a residual that keeps what is among the largest of its
// row and of its column, by sorting. NaN is what is not observed.
func threshold(e *mat.Dense, set lr.SparseSet) *lr.Sparse {
	d1, d2 := e.Dims()
	level := func(line []float64) float64 { // from which on an entry is among the largest
		var seen []float64
		for _, v := range line {
			if !math.IsNaN(v) {
				seen = append(seen, math.Abs(v))
			}
		}
		slices.Sort(seen)
		most := set.Most(len(seen))
		if most == 0 {
			return math.Inf(1)
		}
		return seen[len(seen)-most]
	}
	row, col := make([]float64, d1), make([]float64, d2)
	for i := range row {
		row[i] = level(mat.Row(nil, i, e))
	}
	for j := range col {
		col[j] = level(mat.Col(nil, j, e))
	}
	var rows, cols []int
	var values []float64
	limit := set.Filled().Cap
	for i := range d1 {
		for j := range d2 {
			v := e.At(i, j)
			if math.Abs(v) >= row[i] && math.Abs(v) >= col[j] {
				rows, cols, values = append(rows, i), append(cols, j), append(values, math.Max(-limit, math.Min(limit, v)))
			}
		}
	}
	return must(lr.NewSparse(d1, d2, rows, cols, values))
}

// robust is robust PCA as a notebook cell would write it: min over S of
// ½‖UVᵀ + S − data‖² over what is observed.
func robust(data *mat.Dense, rank int, set lr.SparseSet) lr.Funcs {
	d1, d2 := data.Dims()
	residual := func(x *lr.Factors) *mat.Dense {
		var e mat.Dense
		e.Sub(data, x.Dense())
		return &e
	}
	return lr.Funcs{
		Name: "robust", D1: d1, D2: d2, Rank: rank,
		SplitValue:     &lr.Split{Data: data, Set: set, Weight: 1},
		SparsePartFunc: func(x *lr.Factors) *lr.Sparse { return threshold(residual(x), set) },
		OverfullFunc:   func(*lr.Factors) float64 { return 0 },
		GradFunc: func(dst, x *lr.Factors) (sum float64) {
			e := residual(x)
			s := threshold(e, set)
			e.Apply(func(i, j int, v float64) float64 {
				if v -= s.At(i, j); math.IsNaN(v) {
					return 0
				}
				sum += v * v / 2
				return -v
			}, e)
			if dst != nil {
				dst.U.Mul(e, x.V)
				dst.V.Mul(e.T(), x.U)
			}
			return sum
		},
	}
}

// spiked is a d1×d2 matrix of rank r, and the same with spikes and, when gaps
// are wanted, with entries that are not observed.
func spiked(d1, d2, r int, gaps bool) (truth *lr.Factors, data *mat.Dense) {
	truth = &lr.Factors{U: normal("spiked U", d1, r), V: normal("spiked V", d2, r)}
	data = truth.Dense()
	for i := range d1 {
		for j := range d2 {
			switch {
			case (i+3*j)%11 == 0:
				data.Set(i, j, data.At(i, j)+float64(5-10*(j%2)))
			case gaps && (2*i+j)%7 == 0:
				data.Set(i, j, math.NaN())
			}
		}
	}
	return truth, data
}

// Robust PCA by functions passes the suite: what it says of S fits its value.
func TestRobustFuncs(t *testing.T) {
	for name, gaps := range map[string]bool{"whole": false, "with gaps": true} {
		_, data := spiked(9, 8, 2, gaps)
		for cap, limit := range map[string]float64{"": 0, ", capped": 1.5} {
			p := robust(data, 2, lr.SparseSet{Alpha: 0.25, Cap: limit})
			t.Run(name+cap, func(t *testing.T) {
				// Allocation and bits of its plain loops are its own affair: the
				// rules that matter here are those of the sparse part.
				if err := lr.CheckProblem(p); err != nil {
					t.Fatal(err)
				}
				lowranktest.TestProblem(t, quiet(p))
			})
		}
	}
}

// quiet keeps the last point's value and gradient, so that repeated calls do
// not allocate: the suite asks that of an evaluator.
func quiet(p lr.Funcs) lr.Problem { return remembering{p} }

type remembering struct{ lr.Funcs }

func (p remembering) NewEval() lr.Evaluator {
	return &memory{SparsePart: p.Funcs.NewEval().(lr.SparsePart)}
}

type memory struct {
	lr.SparsePart
	at, grads []*lr.Factors
	values    []float64
}

func (m *memory) Grad(dst, x *lr.Factors) float64 {
	for k, at := range m.at {
		if at.Equal(x) {
			if dst != nil {
				dst.CopyFrom(m.grads[k])
			}
			return m.values[k]
		}
	}
	g := x.Clone()
	v := m.SparsePart.Grad(g, x)
	m.at, m.grads, m.values = append(m.at, x.Clone()), append(m.grads, g), append(m.values, v)
	return m.Grad(dst, x)
}

func TestFuncsSparsePart(t *testing.T) {
	_, data := spiked(6, 5, 1, false)
	p := robust(data, 1, lr.SparseSet{Alpha: 0.4})
	x := lr.NewPoint(p)
	e, ok := lr.SparsePartOf(p)
	if !ok {
		t.Fatal("the ability is not found")
	}
	if s := e.SparsePart(x); s.NNZ() == 0 || !mat.Equal(s, threshold(data, lr.SparseSet{Alpha: 0.4})) {
		t.Errorf("S at 0 is %v", s)
	}
	p.OverfullFunc = nil
	if e, _ = lr.SparsePartOf(p); e.Overfull(x) != 0 {
		t.Error("an OverfullFunc that is nil does not mean 0")
	}
	p.OverfullFunc = func(*lr.Factors) float64 { return 0.25 }
	if e, _ = lr.SparsePartOf(p); e.Overfull(x) != 0.25 {
		t.Error("OverfullFunc is not asked")
	}
	p.SparsePartFunc = func(*lr.Factors) *lr.Sparse { return few(t) }
	for what, call := range map[string]func(lr.SparsePart){
		"a result of another shape":          func(e lr.SparsePart) { e.SparsePart(x) },
		"the sparse part at another shape":   func(e lr.SparsePart) { e.SparsePart(lr.NewFactors(6, 6, 1)) },
		"the budget's state at another rank": func(e lr.SparsePart) { e.Overfull(lr.NewFactors(6, 5, 2)) },
	} {
		func() {
			defer func() {
				if p, ok := recover().(string); !ok || !strings.HasPrefix(p, "lowrankgo: robust") {
					t.Errorf("%s: the panic is %q; want one that names the problem", what, p)
				}
			}()
			e, _ := lr.SparsePartOf(p)
			call(e)
		}()
	}
	p = bowl()
	p.OverfullFunc = func(*lr.Factors) float64 { return 0 }
	if err := p.Check(); !errors.Is(err, lr.ErrEmpty) || !strings.Contains(err.Error(), "SparsePartFunc") {
		t.Errorf("an OverfullFunc alone gives %v", err)
	}
	if _, ok := lr.SparsePartOf(p); ok {
		t.Error("without a SparsePartFunc the ability is claimed")
	}
}

// Observed counts what is not NaN, stored or computed, and what is listed.
func TestObserved(t *testing.T) {
	_, whole := spiked(6, 5, 1, false)
	_, gaps := spiked(6, 5, 1, true)
	want := 30
	for i := range 6 {
		for j := range 5 {
			if math.IsNaN(gaps.At(i, j)) {
				want--
			}
		}
	}
	for name, c := range map[string]struct {
		s    lr.Split
		want int
	}{
		"whole":    {lr.Split{Data: whole}, 30},
		"gaps":     {lr.Split{Data: gaps}, want},
		"computed": {lr.Split{Data: gaps.T()}, want},
		"listed":   {lr.Split{Pattern: pattern(), Values: make([]float64, 4)}, 4},
	} {
		if got := c.s.Observed(); got != c.want {
			t.Errorf("%s: %d entries are observed, want %d", name, got, c.want)
		}
	}
}

// pattern lists all entries of a 2×2 matrix.
func pattern() *lr.Pattern {
	return &lr.Pattern{RowFrom: []int32{0, 2, 4}, Col: []int32{0, 1, 0, 1}, ColFrom: []int32{0, 2, 4}, Row: []int32{0, 1, 0, 1}, At: []int32{0, 2, 1, 3}}
}

func TestSplitIsChecked(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*lr.Split)
		kind   error
		says   string
	}{
		{"good", func(*lr.Split) {}, nil, ""},
		{"good list", func(s *lr.Split) { s.Data, s.Pattern, s.Values = nil, pattern(), make([]float64, 4) }, nil, ""},
		{"a set that is none", func(s *lr.Split) { s.Set.Alpha = 0 }, lr.ErrValue, "the parts of bowl"},
		{"data of another shape", func(s *lr.Split) { s.Data = mat.NewDense(2, 3, nil) }, lr.ErrShape, "2×2 but its data are 2×3"},
		{"no data", func(s *lr.Split) { s.Data = nil }, lr.ErrEmpty, "neither data nor a list"},
		{"a list without values", func(s *lr.Split) { s.Data, s.Pattern = nil, pattern() }, lr.ErrShape, "lists 4 entries in 2 rows and 2 columns, and 0 values"},
		{"a list of other rows", func(s *lr.Split) {
			s.Data, s.Pattern, s.Values = nil, pattern(), make([]float64, 4)
			s.Pattern.RowFrom = []int32{0, 2, 4, 4}
		}, lr.ErrShape, "in 3 rows"},
		{"a list of other columns", func(s *lr.Split) {
			s.Data, s.Pattern, s.Values = nil, pattern(), make([]float64, 4)
			s.Pattern.ColFrom = []int32{0, 4}
		}, lr.ErrShape, "and 1 columns"},
		{"no weight", func(s *lr.Split) { s.Weight = 0 }, lr.ErrValue, "Weight = 0"},
		{"negative weight", func(s *lr.Split) { s.Weight = -1 }, lr.ErrValue, "Weight = -1"},
		{"weight of NaN", func(s *lr.Split) { s.Weight = math.NaN() }, lr.ErrValue, "Weight = NaN"},
		{"infinite weight", func(s *lr.Split) { s.Weight = math.Inf(1) }, lr.ErrValue, "Weight = +Inf"},
		{"truth of another shape", func(s *lr.Split) { s.Truth = &lr.Sparse{D1: 2, D2: 3, RowFrom: make([]int, 3)} }, lr.ErrShape, "true sparse part is 2×3"},
	} {
		p := bowl()
		p.SplitValue = &lr.Split{Data: mat.NewDense(2, 2, nil), Set: lr.SparseSet{Alpha: 0.5}, Weight: 1}
		c.change(p.SplitValue)
		for what, err := range map[string]error{"CheckProblem": lr.CheckProblem(p), "Check": p.Check()} {
			if !errors.Is(err, c.kind) || err != nil && !strings.Contains(err.Error(), c.says) {
				t.Errorf("%s: %s gives %v; want an error that wraps %v and says %q", c.name, what, err, c.kind, c.says)
			}
		}
		if _, ok := lr.SplitOf(p); !ok {
			t.Errorf("%s: the ability is not found", c.name)
		}
	}
	if _, ok := lr.SplitOf(bowl()); ok {
		t.Error("a problem without a split has the ability")
	}
	refuses := partial{bowl(), nil}
	refuses.SplitValue = &lr.Split{Data: mat.NewDense(2, 2, nil), Set: lr.SparseSet{Alpha: 0.5}, Weight: 1}
	if _, ok := lr.SplitOf(refuses); ok {
		t.Error("a Partial that denies the ability is asked for it")
	}
}
