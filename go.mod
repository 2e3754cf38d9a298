module github.com/lowrankgo/lowrank

go 1.26
