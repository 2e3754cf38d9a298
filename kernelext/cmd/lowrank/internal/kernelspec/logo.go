package kernelspec

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"strings"
)

// The logo is what the project is about: a square matrix made of a tall factor
// at its left and a wide one above it. Places are in 64ths of the side.
const logoSide = 64

type logoPart struct {
	x, y, w, h int
	colour     color.NRGBA
}

var (
	logoGround = color.NRGBA{0x0b, 0x4f, 0x6c, 0xff}
	logoRadius = 12
	logoParts  = []logoPart{
		{10, 24, 8, 30, color.NRGBA{0xff, 0xff, 0xff, 0xff}},  // U
		{24, 10, 30, 8, color.NRGBA{0xf4, 0xa2, 0x59, 0xff}},  // Vᵀ
		{24, 24, 30, 30, color.NRGBA{0x7c, 0xc6, 0xd6, 0xff}}, // UVᵀ
	}
)

// logos are the files that Jupyter shows in its launcher.
func logos() map[string][]byte {
	return map[string][]byte{"logo-32x32.png": logoPNG(32), "logo-64x64.png": logoPNG(64), "logo-svg.svg": logoSVG()}
}

func hex(c color.NRGBA) string { return fmt.Sprintf("#%02x%02x%02x", c.R, c.G, c.B) }

func logoSVG() []byte {
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d"><title>lowrankgo</title>`, logoSide, logoSide)
	fmt.Fprintf(&b, `<rect width="%d" height="%d" rx="%d" fill="%s"/>`, logoSide, logoSide, logoRadius, hex(logoGround))
	for _, p := range logoParts {
		fmt.Fprintf(&b, `<rect x="%d" y="%d" width="%d" height="%d" fill="%s"/>`, p.x, p.y, p.w, p.h, hex(p.colour))
	}
	b.WriteString("</svg>\n")
	return []byte(b.String())
}

// logoPNG draws the logo with 4×4 samples a pixel, so that corners are smooth.
func logoPNG(side int) []byte {
	const samples = 4
	img := image.NewNRGBA(image.Rect(0, 0, side, side))
	for y := range side {
		for x := range side {
			var r, g, b, n int
			for s := range samples * samples {
				scale := float64(logoSide) / float64(side)
				px := (float64(x) + (float64(s%samples)+0.5)/samples) * scale
				py := (float64(y) + (float64(s/samples)+0.5)/samples) * scale
				if c, ok := logoAt(px, py); ok {
					r, g, b, n = r+int(c.R), g+int(c.G), b+int(c.B), n+1
				}
			}
			if n > 0 {
				img.SetNRGBA(x, y, color.NRGBA{uint8(r / n), uint8(g / n), uint8(b / n), uint8(255 * n / (samples * samples))})
			}
		}
	}
	var buf bytes.Buffer
	if err := png.Encode(&buf, img); err != nil {
		panic("kernelspec: " + err.Error()) // a buffer takes everything
	}
	return buf.Bytes()
}

// logoAt is the colour of a point; false outside the rounded square.
func logoAt(x, y float64) (color.NRGBA, bool) {
	for _, p := range logoParts {
		if x >= float64(p.x) && x < float64(p.x+p.w) && y >= float64(p.y) && y < float64(p.y+p.h) {
			return p.colour, true
		}
	}
	r := float64(logoRadius)
	dx := max(r-x, x-(logoSide-r), 0)
	dy := max(r-y, y-(logoSide-r), 0)
	return logoGround, dx*dx+dy*dy <= r*r
}
