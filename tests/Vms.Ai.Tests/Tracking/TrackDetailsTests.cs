using Vms.Ai.Analysis;
using Vms.Ai.Detectors;
using Vms.Ai.Tracking;
using Vms.Contracts.Ai;

namespace Vms.Ai.Tests.Tracking;

public sealed class TrackDetailsTests
{
    private const long BeganUs = 1_800_000_000_000_000;

    private static readonly AnalysisSettings s_settings = new() { Plates = true };

    private readonly ObjectTrack _car = new("car-1", new Detection("car", 0.9f, new Box(0.2f, 0.2f, 0.3f, 0.3f)), BeganUs);
    private readonly TrackDetails _details = new("DE");

    [Fact]
    public void A_vehicle_whose_plate_cannot_be_read_is_looked_at_more_and_more_seldom_and_then_no_more()
    {
        Assert.InRange(LooksUntil(0, 10), 12, 24);
        Assert.InRange(LooksUntil(10, 60), 4, 24);
        LooksUntil(60, 300);
        Assert.Equal(0, LooksUntil(300, 600));
    }

    [Fact]
    public void A_plate_that_can_be_read_is_looked_at_until_it_is_sure()
    {
        Assert.Equal(12, LooksUntil(0, 3, new PlateReading("MAB1234", 0.9f, _car.Box)));
        Assert.Equal("MAB1234", _details.Plate);
        Assert.Equal(0, LooksUntil(3, 60));
    }

    /// <summary>Ten pictures a second.</summary>
    private int LooksUntil(int fromSecond, int toSecond, PlateReading? reading = null)
    {
        int looks = 0;
        for (long us = fromSecond * 1_000_000L; us < toSecond * 1_000_000L; us += 100_000)
        {
            if (!_details.WantsPlate(_car, s_settings, 1080, BeganUs + us))
                continue;
            looks++;
            if (reading is not null)
                _details.Read(reading);
        }

        return looks;
    }
}
