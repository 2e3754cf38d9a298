// Package show is what a notebook cell shows: curves, surfaces, heat maps,
// frames of films, slices of an objective and what certificates say of its
// points, tables and claims, and the cell's own context.
//
// Every value of this package that is the last expression of a cell, or is
// passed to [Display], becomes a picture or a table in the notebook:
//
//	show.Curves(run.Trace())
//	show.Heatmap{Title: "Sea surface temperature", Data: m, Unit: "°C"}.Figure()
//	show.Frames{Height: 120, Width: 160, Parts: []show.FramePart{{Name: "original", M: film}, {Name: "background", M: result.X}}}
//	show.Landscape{Problem: p, Center: saddle, To: run.Point(), Points: []show.LandscapePoint{{Name: "saddle", X: saddle, Certificate: c}}}.Figure()
//	show.Claims(show.Claim{Item: "[L] Fig 2a", Statement: "loss of every μ", Measured: loss, Relation: "<", Bound: 1e-20})
//
// # How a value shows
//
// [Render] turns any value into MIME content. It asks for methods by their
// shape alone (HTML() string, SVG() string, PNG() []byte, SimpleRender()
// map[string]interface{} and so on), so that a library needs no import of a
// kernel to be shown. These are the methods that gophernotes asks for, and
// the values of this package have them: they show in an unmodified gophernotes
// kernel with the same content. Every content has text/plain, which terminals,
// tests and screen readers use.
//
// # Figures
//
// A [Figure] holds one panel or several, each with the [gonum.org/v1/plot.Plot]
// that draws it, free for a user's own changes before it is shown. It draws
// itself as SVG and PNG for the notebook and saves as PDF, SVG or PNG at the
// width of a paper's column. Pictures have an opaque white ground, so that
// they read the same in light and dark themes, colours that colour-blind
// readers can tell apart, and alternative text. The same input gives the same
// bytes.
//
// No function of this package panics on bad input or returns a second value:
// a figure, table or claim that cannot be made carries its error, shows it in
// place of the picture, and gives it to a program by its Err method.
package show
