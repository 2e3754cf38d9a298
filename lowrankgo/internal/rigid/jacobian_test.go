package rigid

import (
	"context"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"
)

// floatRank is the rank of the Jacobian's rows of the entries that are wanted, at
// a random real point, by its singular values.
func floatRank(rng *rand.Rand, d1, d2, r int, want func(i, j int) bool) int {
	u, v := normal(rng, d1*r), normal(rng, d2*r)
	var data []float64
	n := (d1 + d2) * r
	rows := 0
	for i := range d1 {
		for j := range d2 {
			if !want(i, j) {
				continue
			}
			row := make([]float64, n)
			copy(row[i*r:], v[j*r:j*r+r])
			copy(row[(d1+j)*r:], u[i*r:i*r+r])
			data = append(data, row...)
			rows++
		}
	}
	if rows == 0 {
		return 0
	}
	var svd mat.SVD
	if !svd.Factorize(mat.NewDense(rows, n, data), mat.SVDNone) {
		panic("no SVD")
	}
	rank := 0
	for _, s := range svd.Values(nil) {
		if s > 1e-9 {
			rank++
		}
	}
	return rank
}

// byRank says whether entry (i, j) is determined: whether its row adds to the
// rank.
func byRank(seed uint64, seen [][]bool, r, rank, i, j int) bool {
	return floatRank(testRNG(seed), len(seen), len(seen[0]), r, func(a, b int) bool { return seen[a][b] || a == i && b == j }) == rank
}

// Small patterns by elimination, and by estimate, against the singular values of
// the whole Jacobian, entry by entry.
func TestAgainstSVD(t *testing.T) {
	whole, open, decided, unknown := 0, 0, 0, 0
	for seed := range uint64(500) {
		rng := testRNG(seed)
		d1, d2 := 4+rng.IntN(7), 4+rng.IntN(7)
		r := 1 + int(seed%4)
		seen := pattern(rng, d1, d2, 0.3+0.7*rng.Float64())
		if rng.IntN(3) > 0 {
			bridge(seen, rng, rng.IntN(2*r))
		}
		for _, g := range gridOf(seen).Core(r).Components() {
			local := make([][]bool, len(g.Rows))
			for a, i := range g.Rows {
				for _, j := range g.Cols {
					local[a] = append(local[a], seen[i][j])
				}
			}
			rank := floatRank(testRNG(seed), len(g.Rows), len(g.Cols), r, func(a, b int) bool { return local[a][b] })
			missing := r*(g.Lines()-r) - rank
			if missing == 0 {
				whole++
			} else {
				open++
			}
			for _, exact := range []int{5000, 64, 0} {
				p, err := Decide(context.Background(), g, r, Limits{exact, 300}, rng)
				if err != nil {
					t.Fatal(err)
				}
				if want := answer(missing == 0); p.Complete != want {
					t.Fatalf("seed %d: Exact %d: complete %v, missing %d; the singular values have %d missing; %+v", seed, exact, p.Complete, p.Missing, missing, p.Estimated())
				}
				if p.Estimated() == nil && p.Missing != missing {
					t.Fatalf("seed %d: %d missing, want %d", seed, p.Missing, missing)
				}
				if p.Failure > 1e-10 || (p.Complete == Yes && p.Failure != 0) {
					t.Fatalf("seed %d: failure %g", seed, p.Failure)
				}
				for a := range g.Rows {
					for b := range g.Cols {
						decided++
						want := answer(byRank(seed, local, r, rank, a, b))
						if p.Estimated() != nil && p.At(a, b) == Unknown {
							unknown++ // some rows have dependent vectors, nearly
							continue
						}
						if p.At(a, b) != want {
							t.Fatalf("seed %d: Exact %d: entry (%d, %d) %v, want %v", seed, exact, a, b, p.At(a, b), want)
						}
					}
				}
			}
		}
	}
	if 200*unknown > decided {
		t.Errorf("%d of %d entries were left open by estimates", unknown, decided)
	}
	if whole < 100 || open < 50 {
		t.Errorf("%d parts were complete and %d were not; the test is not worth much", whole, open)
	}
}

// With lines that are known, elimination finds the same.
func TestKnownLines(t *testing.T) {
	met := 0
	for seed := range uint64(60) {
		rng := testRNG(seed)
		r := 2 + int(seed%2)
		seen := pattern(rng, 16, 14, 0.3)
		for i := range 6 {
			for j := range 6 {
				seen[i][j] = true
			}
		}
		for _, g := range gridOf(seen).Core(r).Components() {
			p := &Part{Grid: g, r: r}
			q := g.sub(within(g.Rows, 6), within(g.Cols, 6))
			if q.Lines() < 2*r+2 {
				continue
			}
			if err := p.sow(context.Background(), q, rng); err != nil {
				t.Fatal(err)
			}
			if p.Known == 0 || p.Known == g.Lines() {
				continue
			}
			met++
			_, want, err := g.moves(context.Background(), r, nil, nil, rng)
			if err != nil {
				t.Fatal(err)
			}
			m, got, err := g.moves(context.Background(), r, p.knownRow, p.knownCol, rng)
			if err != nil {
				t.Fatal(err)
			}
			if got != want {
				t.Fatalf("seed %d: %d motions beside the known lines, %d in all", seed, got, want)
			}
			full, _, _ := g.moves(context.Background(), r, nil, nil, rng)
			for i := range g.Rows {
				for j := range g.Cols {
					if (m.change(i, j) == 0) != (full.change(i, j) == 0) {
						t.Fatalf("seed %d: entry (%d, %d) moves: %v with known lines, %v without", seed, i, j, m.change(i, j) != 0, full.change(i, j) != 0)
					}
				}
			}
		}
	}
	if met < 5 {
		t.Errorf("%d instances had lines beside the seed", met)
	}
}

func within(lines []int32, n int32) []bool {
	out := make([]bool, len(lines))
	for k, v := range lines {
		out[k] = v < n
	}
	return out
}

// A motion changes no observed entry, and the gauge none at all.
func TestMotion(t *testing.T) {
	rng := testRNG(3)
	seen := pattern(rng, 12, 20, 0.9)
	bridge(seen, rng, 5)
	r := 2
	for _, g := range gridOf(seen).Core(r).Components() {
		m, null, err := g.moves(context.Background(), r, nil, nil, rng)
		if err != nil {
			t.Fatal(err)
		}
		moving := 0
		for i := range g.Rows {
			for j := range g.Cols {
				if m.change(i, j) == 0 {
					continue
				}
				moving++
				if seen[g.Rows[i]][g.Cols[j]] {
					t.Errorf("observed entry (%d, %d) changes", i, j)
				}
			}
		}
		if (null == 0) != (moving == 0) {
			t.Errorf("%d motions beyond the gauge, %d entries move", null, moving)
		}
	}
}

func TestMovesStops(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	g := gridOf(pattern(testRNG(1), 10, 10, 0.9))
	if _, _, err := g.moves(ctx, 2, nil, nil, testRNG(1)); err == nil {
		t.Error("no error of a context that ended")
	}
	for _, exact := range []int{0, 5000} {
		if _, err := Decide(ctx, g, 2, Limits{exact, 10}, testRNG(1)); err == nil {
			t.Errorf("Exact %d: no error of a context that ended", exact)
		}
	}
}
