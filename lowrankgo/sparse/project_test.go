package sparse

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"
)

var rules = []Rule{Threshold, Greedy, Exact}

// vectors is testdata/sset.json: projections by integer programming.
type vectors struct {
	Cases []struct {
		Name            string
		GammaAlpha      float64 `json:"gamma_alpha"`
		Cap             float64
		X, S            [][]float64
		Gain            float64
		DistanceSquared float64 `json:"distance_squared"`
		Unique          bool
		UpToTranspose   bool `json:"unique_up_to_transpose"`
	}
}

func dense(rows [][]float64) *mat.Dense {
	return mat.NewDense(len(rows), len(rows[0]), slices.Concat(rows...))
}

func TestVectors(t *testing.T) {
	raw, err := os.ReadFile("testdata/sset.json")
	if err != nil {
		t.Fatal(err)
	}
	var v vectors
	if err := json.Unmarshal(raw, &v); err != nil {
		t.Fatal(err)
	}
	compared := 0
	for _, c := range v.Cases {
		x, want := dense(c.X), dense(c.S)
		set := lr.SparseSet{Alpha: c.GammaAlpha, Cap: c.Cap}
		s, err := Project(context.Background(), x, set, Exact)
		if d1, d2 := x.Dims(); set.Most(d1) == 0 || set.Most(d2) == 0 {
			if !errors.Is(err, lr.ErrValue) {
				t.Errorf("%s: error %v, want one that no entry is allowed", c.Name, err)
			}
			continue
		}
		if err != nil {
			t.Fatalf("%s: %v", c.Name, err)
		}
		checkMember(t, x, s, set)
		compared++
		if got := Gain(x, s); math.Abs(got-c.Gain) > 1e-10*(1+c.Gain) {
			t.Errorf("%s: gain %v, want %v", c.Name, got, c.Gain)
		}
		if got := Distance(x, s); math.Abs(got*got-c.DistanceSquared) > 1e-10*(1+c.DistanceSquared) {
			t.Errorf("%s: squared distance %v, want %v", c.Name, got*got, c.DistanceSquared)
		}
		same := mat.EqualApprox(s, want, 1e-10) || (c.UpToTranspose && mat.EqualApprox(s.T(), want, 1e-10))
		if (c.Unique || c.UpToTranspose) && !same {
			t.Errorf("%s: S is\n%v\nwant\n%v", c.Name, mat.Formatted(s), mat.Formatted(want))
		}
	}
	if compared < 11 {
		t.Errorf("%d cases compared, want 11", compared)
	}
}

// TestAgainstNaive compares Threshold and Greedy with sorting, entry by entry.
func TestAgainstNaive(t *testing.T) {
	const seed = 5
	rng := rand.New(rand.NewPCG(seed, 1))
	for _, shape := range [][2]int{{1, 40}, {40, 1}, {7, 7}, {9, 33}, {60, 20}, {110, 300}} {
		for name, x := range matrices(rng, shape[0], shape[1]) {
			for _, set := range []lr.SparseSet{{Alpha: 1 / float64(min(shape[0], shape[1])), Cap: 1e301}, {Alpha: .2, Gamma: 1.5}, {Alpha: .5, Cap: .7}} {
				if set.Check(shape[0], shape[1]) != nil {
					continue
				}
				for _, rule := range []Rule{Threshold, Greedy} {
					s := project(t, x, set, rule)
					checkMember(t, x, s, set)
					if want := naive(x, set, rule); !mat.Equal(s, want) {
						t.Errorf("%v of %s %v, %v (seed %d): %v, by sorting %v has others", rule, name, shape, set, seed, s, count(want))
					}
				}
			}
		}
	}
}

func count(m *mat.Dense) int {
	n := 0
	for _, v := range m.RawMatrix().Data {
		if v != 0 {
			n++
		}
	}
	return n
}

// TestGuarantees checks on all kinds of matrices what the rules promise.
func TestGuarantees(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d1, d2 := rapid.IntRange(1, 25).Draw(t, "d1"), rapid.IntRange(1, 25).Draw(t, "d2")
		set := lr.SparseSet{
			Alpha: rapid.Float64Range(1/float64(min(d1, d2)), 1).Draw(t, "alpha"),
			Cap:   rapid.SampledFrom([]float64{1e-200, .05, 1, 3, 1e305}).Draw(t, "cap"),
		}
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		all := matrices(rng, d1, d2)
		name := rapid.SampledFrom([]string{"normal", "heavy", "integers", "constant", "zero", "missing", "sparse", "gaps", "tiny", "one column"}).Draw(t, "kind")
		x := all[name]
		gain := map[Rule]float64{}
		for _, rule := range rules {
			s, err := Project(context.Background(), x, set, rule)
			if err != nil {
				t.Fatalf("%v: %v", rule, err)
			}
			checkMember(t, x, s, set)
			if rule != Threshold {
				checkFull(t, x, s, set)
			}
			gain[rule] = Gain(x, s)
		}
		slip := 1e-12 * (gain[Exact] + 1e-300)
		if gain[Threshold] > gain[Exact]+slip || gain[Greedy] > gain[Exact]+slip || gain[Greedy] < gain[Exact]/2-slip {
			t.Fatalf("gains %v; threshold and greedy may not exceed exact, and greedy has half of it", gain)
		}
	})
}

// TestExactOnSmallShapes compares with brute force on integers, so that gains
// are exact, for every shape up to 3×4 and 4×3 and every α, with a cap and
// without one, symmetric ones among them.
func TestExactOnSmallShapes(t *testing.T) {
	const seed = 6
	rng := rand.New(rand.NewPCG(seed, 1))
	for d1 := 1; d1 <= 4; d1++ {
		for d2 := 1; d2 <= 4; d2++ {
			for round := range 60 {
				x := matrices(rng, d1, d2)["integers"]
				if d1 == d2 && round%2 == 0 {
					x.Add(x, mat.DenseCopyOf(x.T()))
				}
				for most := 1; most <= max(d1, d2); most++ {
					set := lr.SparseSet{Alpha: float64(most) / float64(max(d1, d2)), Cap: float64(1 + rng.IntN(8))}
					if set.Check(d1, d2) != nil {
						continue
					}
					w := make([]int64, d1*d2)
					for k, v := range x.RawMatrix().Data {
						over := math.Abs(v) - math.Min(math.Abs(v), set.Cap)
						w[k] = int64(v*v - over*over)
					}
					s := project(t, x, set, Exact)
					checkMember(t, x, s, set)
					if want := bruteForce(w, d1, d2, constant(d1, set.Most(d2)), constant(d2, set.Most(d1))); Gain(x, s) != float64(want) {
						t.Fatalf("seed %d, %v of\n%v\ngain %v, want %d", seed, set, mat.Formatted(x), Gain(x, s), want)
					}
				}
			}
		}
	}
}

// TestSymmetricInput: the optimum of a symmetric matrix need not be symmetric,
// and its transpose is then one too.
func TestSymmetricInput(t *testing.T) {
	x := mat.NewDense(3, 3, []float64{0, 5, 4, 5, 0, 4, 4, 4, 0}) // an odd cycle
	set := lr.SparseSet{Alpha: .34}
	s := project(t, x, set, Exact)
	if mat.Equal(s, s.T()) {
		t.Errorf("S of an odd cycle is symmetric:\n%v", mat.Formatted(s))
	}
	rows, cols, values := s.Triplets()
	transposed, err := lr.NewSparse(3, 3, cols, rows, values)
	if err != nil {
		t.Fatal(err)
	}
	if a, b := Gain(x, s), Gain(x, transposed); a != 57 || b != 57 { // the best symmetric one has 50
		t.Errorf("gains of S and Sᵀ are %v and %v, want 57", a, b)
	}
	for seed := range uint64(20) {
		y := matrices(rand.New(rand.NewPCG(seed, 1)), 12, 12)["normal"]
		y.Add(y, mat.DenseCopyOf(y.T()))
		if s := project(t, y, lr.SparseSet{Alpha: .25}, Threshold); !mat.Equal(s, s.T()) {
			t.Errorf("seed %d: the threshold projection of a symmetric matrix without ties is not symmetric", seed)
		}
	}
}

// TestExactBelowTheLargest: entries too small to weigh anything beside the
// largest are still chosen at their best among the room left.
func TestExactBelowTheLargest(t *testing.T) {
	x := matrices(rand.New(rand.NewPCG(7, 1)), 20, 20)["normal"]
	small := mat.NewDense(20, 20, nil)
	small.Scale(1e-150, x)
	set := lr.SparseSet{Alpha: .1}
	alone := project(t, small, set, Exact)
	// A large entry where S has one anyway: the rest must stay.
	i, j := 3, int(alone.Col[alone.RowFrom[3]])
	small.Set(i, j, 1e100)
	s := project(t, small, set, Exact)
	checkFull(t, small, s, set)
	if s.At(i, j) != 1e100 {
		t.Fatalf("the largest entry is not in S: %v", s.At(i, j))
	}
	others := func(s *lr.Sparse) (sum float64) { // the gain of the others, at scale 1
		for k, row := range s.Dense().RawMatrix().Data {
			if v := row * 1e150; k != i*20+j {
				sum += v * v
			}
		}
		return sum
	}
	if got, want := others(s), others(alone); !(math.Abs(got-want) < 1e-12*want) {
		t.Errorf("a large entry elsewhere leaves the small ones a gain of %v, want %v", got, want)
	}
}

func TestHugeAndTiny(t *testing.T) {
	x := matrices(rand.New(rand.NewPCG(8, 1)), 15, 12)["normal"]
	for _, scale := range []float64{1e300, 1e-300, 1e-310} {
		y := mat.NewDense(15, 12, nil)
		y.Scale(scale, x)
		for _, rule := range rules {
			want := project(t, x, lr.SparseSet{Alpha: .25, Cap: 1}, rule)
			got := project(t, y, lr.SparseSet{Alpha: .25, Cap: scale}, rule)
			if !slices.Equal(got.Col, want.Col) || !slices.Equal(got.RowFrom, want.RowFrom) {
				t.Errorf("%v: another support at scale %g", rule, scale)
			}
		}
	}
}

func TestSameBitsForAnyThreads(t *testing.T) {
	rng := rand.New(rand.NewPCG(10, 1))
	for name, x := range matrices(rng, 300, 400) {
		if name == "huge" {
			continue
		}
		set := lr.SparseSet{Alpha: .1}
		var first *lr.Sparse
		for _, procs := range []int{1, 2, 7} {
			old := runtime.GOMAXPROCS(procs)
			s := project(t, x, set, Threshold)
			runtime.GOMAXPROCS(old)
			if first == nil {
				first = s
			}
			if !slices.Equal(s.Col, first.Col) || !slices.Equal(s.Value, first.Value) || !slices.Equal(s.RowFrom, first.RowFrom) {
				t.Errorf("%s: GOMAXPROCS %d gives another projection", name, procs)
			}
		}
	}
}

func TestProjectorAllocatesNothing(t *testing.T) {
	x := matrices(rand.New(rand.NewPCG(11, 1)), 60, 80)["normal"]
	for _, rule := range rules {
		p, err := NewProjector(60, 80, lr.SparseSet{Alpha: .1}, rule)
		if err != nil {
			t.Fatal(err)
		}
		s := new(lr.Sparse)
		again := func() {
			if err := p.Project(context.Background(), s, x); err != nil {
				t.Fatal(err)
			}
		}
		again()
		if want := project(t, x, lr.SparseSet{Alpha: .1}, rule); !mat.Equal(s, want) {
			t.Errorf("%v: a projector differs from Project", rule)
		}
		if n := testing.AllocsPerRun(10, again); n > 0 {
			t.Errorf("%v: %v allocations a projection", rule, n)
		}
	}
}

// TestComputedMatrix projects a matrix that is not stored.
func TestComputedMatrix(t *testing.T) {
	x := matrices(rand.New(rand.NewPCG(12, 1)), 70, 50)["gaps"]
	for _, rule := range rules {
		want := project(t, x, lr.SparseSet{Alpha: .1}, rule)
		for name, m := range map[string]mat.Matrix{"entries": mat.Transpose{Matrix: mat.DenseCopyOf(x.T())}, "window": window{x, 0, 50}} {
			if s := project(t, m, lr.SparseSet{Alpha: .1}, rule); !mat.Equal(s, want) {
				t.Errorf("%v: the projection of a matrix read by %s differs", rule, name)
			}
		}
	}
}
