# our manager, scheduler and seed peer; four of their peers
. "$here/tour.sh"
tour ours theirs
