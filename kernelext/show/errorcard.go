package show

import (
	"bytes"
	"fmt"
	"html"
	"image"
	"image/color"
	"image/png"
	"strings"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
)

// A figure that cannot be made shows a card with its error in its place: a
// kernel that asks it for SVG or PNG alone must get some.

const (
	cardLetters = 88 // to a line
	cardWidth   = 560
	cardLine    = 16 // height of a line, in pixels
)

var alarm = hex(0xa3330a)

// errorHTML shows err where content was to be.
func errorHTML(err error) string {
	return `<p role="alert"><strong>Error:</strong> ` + html.EscapeString(err.Error()) + `</p>`
}

// errorLines breaks an error's text into lines.
func errorLines(err error) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(err.Error()) {
		if line != "" && len(line)+len(word) >= cardLetters {
			lines = append(lines, line)
			line = ""
		}
		line = strings.TrimSpace(line + " " + word)
	}
	return append(lines, line)
}

// errorSVG is the card as an SVG document.
func errorSVG(err error) string {
	lines := errorLines(err)
	h := 24 + cardLine*len(lines)
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" role="img" width="%d" height="%d" viewBox="0 0 %d %d" `+
		`font-family="%s" font-size="12" style="max-width:100%%;height:auto">`, cardWidth, h, cardWidth, h, fontFamily)
	fmt.Fprintf(&b, `<title>Error</title><rect width="%d" height="%d" fill="#fff" stroke="#a3330a"/>`, cardWidth, h)
	for i, line := range lines {
		fmt.Fprintf(&b, `<text x="12" y="%d" fill="#a3330a">%s</text>`, 24+cardLine*i, html.EscapeString(line))
	}
	b.WriteString("</svg>\n")
	return b.String()
}

// errorPNG is the card as a PNG image.
func errorPNG(err error) []byte {
	const pixel = vg.Inch / 96
	lines := errorLines(err)
	w, h := cardWidth*pixel, vg.Length(24+cardLine*len(lines))*pixel
	canvas := vgimg.NewWith(vgimg.UseWH(w, h), vgimg.UseDPI(96), vgimg.UseBackgroundColor(color.White))
	c := draw.New(canvas)
	style := textStyle(tickSize)
	style.Color = alarm
	for i, line := range lines {
		c.FillText(style, vg.Point{X: 12 * pixel, Y: h - vg.Length(12+cardLine*i)*pixel}, line)
	}
	return encodePNG(canvas.Image())
}

// encodePNG encodes an image in memory, where it cannot fail unless the image
// is too large for the format.
func encodePNG(img image.Image) []byte {
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		return []byte{}
	}
	return b.Bytes()
}
