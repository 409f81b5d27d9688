using Vms.WebRtc.Sending;

namespace Vms.WebRtc.Tests.Sending;

public sealed class RtpHistoryTests
{
    [Fact]
    public void Everything_since_the_keyframe_is_kept_up_to_the_ceiling()
    {
        var history = new RtpHistory(4, 16);
        for (int i = 0; i < 16; i++)
            Append(history, (byte)i, keyframe: i == 0);
        Assert.Equal(0, history.Keyframe);
        for (int i = 0; i < 16; i++)
            Assert.Equal((byte)i, history.Payload(i)[0]);

        Append(history, 16, keyframe: false);
        Assert.Equal(-1, history.Keyframe);     // too long a GOP: a newcomer waits for the next
        Assert.False(history.Holds(0));
        Assert.Equal(16, history.Payload(16)[0]);
    }

    [Fact]
    public void Older_packets_go_first_and_no_memory_is_added()
    {
        var history = new RtpHistory(4, 1024);
        for (int i = 0; i < 100; i++)
        {
            Append(history, (byte)i, keyframe: i % 3 == 0);
            Assert.True(history.Head - history.Tail <= 4);
            Assert.Equal(i - i % 3, history.Keyframe);
        }
    }

    [Fact]
    public void A_torn_access_unit_is_taken_back()
    {
        var history = new RtpHistory(8, 8);
        Append(history, 1, keyframe: true);
        var mark = history.Mark();
        history.Reserve()[0] = 2;
        history.Commit(1, 7, marker: false, startsKeyframe: true);
        history.RollBack(mark);
        Assert.Equal((1L, 1L, 0L), (history.Head, history.Frame, history.Keyframe));
        Append(history, 3, keyframe: false);
        Assert.Equal(3, history.Payload(1)[0]);
    }

    private static void Append(RtpHistory history, byte value, bool keyframe)
    {
        history.Reserve()[0] = value;
        history.Commit(1, 0, marker: true, startsKeyframe: keyframe);
    }
}
