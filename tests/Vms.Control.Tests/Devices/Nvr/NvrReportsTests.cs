using Vms.Control.Devices.Nvr;

namespace Vms.Control.Tests.Devices.Nvr;

/// <summary>What a recorder says, as events with a beginning and an end.</summary>
public sealed class NvrReportsTests
{
    private static readonly DateTimeOffset s_start = new(2026, 3, 4, 5, 6, 7, TimeSpan.Zero);

    private readonly NvrReports _reports = new("nvr1");
    private readonly List<NvrReport> _told = [];
    private TimeSpan _now;

    [Fact]
    public void Motion_that_is_repeated_each_second_is_one_event_with_its_end()
    {
        Say(true);
        for (int i = 0; i < 5; i++)
        {
            Pass(1);
            Say(true);
        }

        Say(false);
        Assert.Equal(2, _told.Count);
        Assert.Equal((true, null), (_told[0].Ongoing, _told[0].EndAt));
        Assert.Equal((false, s_start.AddSeconds(5)), (_told[1].Ongoing, _told[1].EndAt));
        Assert.Equal((_told[0].Id, s_start), (_told[1].Id, _told[1].At));
    }

    [Fact]
    public void The_same_happening_has_the_same_id_and_another_recorder_s_another()
    {
        Say(true);
        var (same, others) = (new List<NvrReport>(), new List<NvrReport>());
        new NvrReports("nvr1").Take(Motion(true), s_start, TimeSpan.Zero, same);
        new NvrReports("nvr2").Take(Motion(true), s_start, TimeSpan.Zero, others);
        Assert.Equal(_told[0].Id, same[0].Id);
        Assert.NotEqual(_told[0].Id, others[0].Id);
    }

    [Fact]
    public void What_goes_on_is_said_again_before_others_take_it_for_over()
    {
        Say(true);
        for (int i = 0; i < 5; i++)
            Pass(10, andSay: true);
        Assert.Equal(3, _told.Count);       // at 0, 20 and 40 s
        Assert.All(_told, report => Assert.True(report.Ongoing));
    }

    [Fact]
    public void One_that_never_says_that_it_is_over_is_believed_for_a_minute_and_one_that_does_for_an_hour()
    {
        Say(true);
        Pass(60);
        Assert.False(_told[^1].Ongoing);
        Assert.Equal(s_start.AddSeconds(60), _told[^1].EndAt);

        Say(true);
        Say(false);
        Say(true);
        Pass(600);
        Assert.True(_told[^1].Ongoing);
        Pass(3000);
        Assert.False(_told[^1].Ongoing);
    }

    [Fact]
    public void A_recorder_that_is_gone_ends_all_that_goes_on()
    {
        Say(true);
        _reports.Take(new NvrEvent(NvrEventKind.Input, 1, true), s_start, _now, _told);
        _reports.EndAll(s_start.AddSeconds(3), _told);
        Assert.Equal([(NvrEventKind.Motion, false), (NvrEventKind.Input, false)], _told.Skip(2).Select(r => (r.Kind, r.Ongoing)));
        _reports.EndAll(s_start.AddSeconds(4), _told);
        Assert.Equal(4, _told.Count);
    }

    [Fact]
    public void An_end_without_a_beginning_is_nothing_and_what_has_no_length_is_one_event()
    {
        Say(false);
        Assert.Empty(_told);
        _reports.Take(new NvrEvent(NvrEventKind.Input, 2, null), s_start, _now, _told);
        Assert.Equal((false, null), (_told[0].Ongoing, _told[0].EndAt));
    }

    [Fact]
    public void A_recorder_that_says_more_than_anything_can_happen_is_heard_up_to_a_ceiling()
    {
        for (int i = 0; i < NvrReports.MaxPerMinute + 50; i++)
            _reports.Take(new NvrEvent(NvrEventKind.Input, 1, null), s_start.AddTicks(i), _now, _told);
        Assert.Equal((NvrReports.MaxPerMinute, 50), (_told.Count, _reports.Refused));
        Pass(60);
        _reports.Take(new NvrEvent(NvrEventKind.Input, 1, null), s_start, _now, _told);
        Assert.Equal(NvrReports.MaxPerMinute + 1, _told.Count);
    }

    private static NvrEvent Motion(bool state) => new(NvrEventKind.Motion, 3, state);

    private void Say(bool state) => _reports.Take(Motion(state), s_start + _now, _now, _told);

    private void Pass(int seconds, bool andSay = false)
    {
        _now += TimeSpan.FromSeconds(seconds);
        if (andSay)
            Say(true);
        _reports.Tick(s_start + _now, _now, _told);
    }
}
