package show

import "testing"

// BenchmarkRender measures what a cell waits for its picture.
func BenchmarkRender(b *testing.B) {
	for name, f := range figures(b) {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				Render(f)
			}
			b.ReportMetric(float64(len(f.SVG())), "SVG-bytes")
			b.ReportMetric(float64(len(f.PNG())), "PNG-bytes")
		})
	}
}
