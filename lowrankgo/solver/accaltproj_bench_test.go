package solver_test

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"os"
	"strings"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/problem"
	"github.com/lowrankgo/lowrank/lowrankgo/solver"
	"gonum.org/v1/gonum/mat"
)

// BenchmarkAccAltProj takes AccAltProj from 0 to a residual of 1e-5 on the model
// of its paper, rank 5, n and α as the name says. ms/iteration leaves out the
// start. LOWRANK_WRITE_DATA names a folder to which the data go as .npy, so that
// another program can be timed on the same.
func BenchmarkAccAltProj(b *testing.B) {
	for _, c := range []struct {
		n     int
		alpha float64
	}{{500, 0.3}, {2500, 0.1}, {2500, 0.3}, {2500, 0.5}} {
		b.Run(fmt.Sprintf("%d,%g", c.n, c.alpha), func(b *testing.B) {
			p := published(b, c.n, c.alpha)
			if dir := os.Getenv("LOWRANK_WRITE_DATA"); dir != "" {
				split, _ := lr.SplitOf(p)
				writeNPY(b, fmt.Sprintf("%s/%d,%g.npy", dir, c.n, c.alpha), split.Data.(*mat.Dense))
			}
			splits(b, solver.AccAltProj{}, p)
		})
	}
}

// BenchmarkAltProj is the same for AltProj.
func BenchmarkAltProj(b *testing.B) { splits(b, solver.AltProj{}, published(b, 500, 0.3)) }

// splits times the method alone, without the metrics of a run.
func splits(b *testing.B, m lr.Method, p lr.Problem) {
	var last lr.Row
	var first, seconds float64
	for b.Loop() {
		var rows []lr.Row
		stop := func(t *lr.Trace) lr.Status {
			if lr.ResidualBelow(1e-5)(t) != lr.Running {
				return lr.Stopped
			}
			return lr.Running
		}
		rows = solve(b, p, m, lr.NewPoint(p), &lr.Options{MaxIter: 300, Stop: stop}).Trace.Rows
		last = rows[len(rows)-1]
		first += rows[1].Elapsed.Seconds()
		seconds += last.Elapsed.Seconds()
	}
	if last.Residual > 1e-5 || last.RelErr > 1e-3 {
		b.Fatalf("residual %g, relative error %g", last.Residual, last.RelErr)
	}
	b.ReportMetric(float64(last.Iter-1), "iterations")
	b.ReportMetric(seconds/float64(b.N), "s/run")
	b.ReportMetric(1e3*(seconds-first)/float64(b.N)/float64(last.Iter-1), "ms/iteration")
}

// BenchmarkLargeRobustPCA are matrices of 320 MB and, in the shape of a video,
// of 33 MB: the time to a residual of 1e-5 and what the method allocates beside
// the data, by their size.
func BenchmarkLargeRobustPCA(b *testing.B) {
	for _, c := range []struct{ d1, d2, rank int }{{20000, 2000, 5}, {20800, 200, 2}} {
		b.Run(fmt.Sprintf("%dx%d", c.d1, c.d2), func(b *testing.B) {
			p, err := problem.RandomRobustPCA{
				D1: c.d1, D2: c.d2, Rank: c.rank, Alpha: 0.2, Outliers: 0.1, Uniform: true, OutlierRange: 1, Seed: 1,
			}.New()
			if err != nil {
				b.Fatal(err)
			}
			share := heapShare(b, solver.AccAltProj{}, p, 10)
			splits(b, solver.AccAltProj{}, p)
			b.ReportMetric(share, "heap/data")
		})
	}
}

// writeNPY writes a matrix as NumPy reads it: version 1.0, float64, by rows.
func writeNPY(b *testing.B, path string, m *mat.Dense) {
	b.Helper()
	d1, d2 := m.Dims()
	head := fmt.Sprintf("{'descr': '<f8', 'fortran_order': False, 'shape': (%d, %d), }", d1, d2)
	head += strings.Repeat(" ", 63-(10+len(head))%64) + "\n"
	f, err := os.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	w := bufio.NewWriterSize(f, 1<<20)
	w.WriteString("\x93NUMPY\x01\x00")
	w.Write([]byte{byte(len(head)), byte(len(head) >> 8)})
	w.WriteString(head)
	for i := range d1 {
		if err := binary.Write(w, binary.LittleEndian, m.RawRowView(i)); err != nil {
			b.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		b.Fatal(err)
	}
	if err := f.Close(); err != nil {
		b.Fatal(err)
	}
}
