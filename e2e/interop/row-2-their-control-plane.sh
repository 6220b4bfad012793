# their manager, scheduler and seed peer; four of our peers
. "$here/tour.sh"
tour theirs ours
