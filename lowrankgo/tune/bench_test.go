package tune

import (
	"fmt"
	"testing"
)

// BenchmarkGrid is the table of how well the estimates do, for larger sides
// than TestGrid: run it with -v for its lines.
func BenchmarkGrid(b *testing.B) {
	for _, d := range []int{60, 120, 250, 400} {
		b.Run(fmt.Sprint(d), func(b *testing.B) {
			for b.Loop() {
				all := grid(b, d)
				b.ReportMetric(100*float64(all.exact)/float64(all.n), "%right")
				b.ReportMetric(100*float64(all.sure)/float64(all.n), "%sure")
				b.ReportMetric(float64(all.sureWrong), "sure-and-wrong")
				b.ReportMetric(all.alpha/float64(max(1, all.exact)), "α-error")
			}
		})
	}
}

// BenchmarkRobustPCA has the shapes of a film and of square data, rank 5, a
// tenth of outliers and some noise.
func BenchmarkRobustPCA(b *testing.B) {
	for _, d := range [][2]int{{500, 500}, {20800, 200}, {3000, 3000}} {
		b.Run(fmt.Sprintf("%dx%d", d[0], d[1]), func(b *testing.B) {
			y, _, _ := planted{d1: d[0], d2: d[1], rank: 5, share: 0.1, size: 10, noise: 0.01}.draw()
			b.SetBytes(int64(8 * d[0] * d[1]))
			for b.Loop() {
				if e := estimate(b, y, nil); e.Rank != 5 {
					b.Fatalf("rank %d", e.Rank)
				}
			}
		})
	}
}
