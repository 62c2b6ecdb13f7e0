from certiball.report.axes import Frame


def test_a_frame_maps_corners_to_corners() -> None:
    frame = Frame(width=100, height=50, left=10, right=5, top=4, bottom=6, x_high=2.0, y_high=1.0)
    assert (frame.x(0.0), frame.x(2.0)) == (10, 95)
    assert (frame.y(0.0), frame.y(1.0)) == (44, 4)
