using System.Buffers.Binary;
using FsCheck;
using FsCheck.Fluent;
using Vms.WebRtc.Sending;

namespace Vms.WebRtc.Tests.Sending;

public sealed class RtpNumberingTests
{
    private const int FramesPerGop = 10;
    private uint _timestamp = 1_000_000;

    [Fact]
    public void A_newcomer_starts_at_the_keyframe_and_catches_up_without_a_hole()
    {
        var history = new RtpHistory(64, 1024);
        AppendFrames(history, 7);       // keyframe and six more, three packets each
        var viewer = new RtpNumbering(100);
        viewer.Jump(history.Keyframe, history);

        var timestamps = new List<uint>();
        for (ulong expected = 100; viewer.NextPacket < history.Head; expected++)
        {
            var (index, timestamp) = viewer.Advance(history);
            Assert.Equal(expected, index);
            timestamps.Add(timestamp);
        }

        // One tick apart and ending where the stream stands.
        Assert.Equal(7, timestamps.Distinct().Count());
        Assert.Equal(history[history.Head - 1].Timestamp, timestamps[^1]);
        Assert.Equal(6u, timestamps[^1] - timestamps[0]);

        AppendFrames(history, 1);
        Assert.Equal(history[history.Head - 1].Timestamp, viewer.Advance(history).Timestamp);
    }

    [Fact]
    public void A_skip_leaves_no_hole_in_the_sequence_numbers()
    {
        var history = new RtpHistory(64, 1024);
        AppendFrames(history, 1);
        var viewer = new RtpNumbering(1);
        viewer.Jump(history.Keyframe, history);
        while (viewer.NextPacket < history.Head)
            viewer.Advance(history);
        ulong next = viewer.NextIndex;

        AppendFrames(history, FramesPerGop);        // skipped, up to the next keyframe
        viewer.Jump(history.Keyframe, history);
        Assert.Equal(next, viewer.Advance(history).Index);
    }

    [Fact]
    public void Going_back_never_turns_the_timestamp_back()
    {
        var history = new RtpHistory(64, 1024);
        AppendFrames(history, 5);
        var viewer = new RtpNumbering(1);
        viewer.Jump(history.Keyframe, history);
        while (viewer.NextPacket < history.Head)
            viewer.Advance(history);
        uint last = viewer.LastTimestamp;

        viewer.Jump(history.Keyframe, history);     // the viewer asked for a picture
        var first = viewer.Advance(history).Timestamp;
        Assert.True((int)(first - last) > 0);
    }

    [Fact]
    public void A_sequence_number_is_found_again_across_the_roll_over()
    {
        var history = new RtpHistory(64 * 1024, 64 * 1024);
        var viewer = new RtpNumbering(65_530);
        AppendFrames(history, 1);
        viewer.Jump(0, history);
        for (int i = 0; i < 10; i++)
            AppendFrames(history, 1);
        while (viewer.NextPacket < history.Head)
            viewer.Advance(history);

        Assert.True(viewer.TryFind(65_535, history, out ulong index, out long packet, out _));
        Assert.Equal((65_535UL, 5L), (index, packet));
        Assert.True(viewer.TryFind(2, history, out index, out packet, out _));
        Assert.Equal((65_538UL, 8L), (index, packet));
        Assert.False(viewer.TryFind(65_529, history, out _, out _, out _));     // before the first
        Assert.False(viewer.TryFind(5000, history, out _, out _, out _));       // not sent yet
    }

    /// <summary>The promise on which SRTP's secrecy rests, under any order of frames, skips, restarts and NACKs.</summary>
    [Fact]
    public void One_index_never_carries_two_inputs()
    {
        var operations = Gen.Choose(0, 5).ListOf(400);
        Prop.ForAll(operations.ToArbitrary(), Gen.Choose(0, 65_535).ToArbitrary(), Holds).QuickCheckThrowOnFailure();

        bool Holds(IList<int> steps, int first)
        {
            var history = new RtpHistory(16, 128);
            var viewer = new RtpNumbering((ushort)first);
            var inputs = new Dictionary<ulong, (uint Timestamp, ulong Payload)>();
            bool joined = false;
            var random = new Random(first);
            foreach (int step in steps)
            {
                switch (step)
                {
                    case 0 or 1 or 2:
                        AppendFrames(history, 1);
                        break;
                    case 3 when joined:
                        var wanted = (ushort)((long)viewer.NextIndex - random.Next(1, 200));
                        if (viewer.TryFind(wanted, history, out ulong index, out long packet, out uint timestamp)
                            && !Same(index, timestamp, packet))
                            return false;
                        break;
                    case 4 when history.Keyframe >= 0:
                        viewer.Jump(history.Keyframe, history);
                        joined = true;
                        break;
                    default:
                        for (int i = random.Next(20); joined && i > 0 && history.Holds(viewer.NextPacket); i--)
                        {
                            long sent = viewer.NextPacket;
                            var (sentIndex, sentTimestamp) = viewer.Advance(history);
                            if (!Same(sentIndex, sentTimestamp, sent))
                                return false;
                        }

                        break;
                }
            }

            return true;

            bool Same(ulong index, uint timestamp, long packet)
            {
                var input = (timestamp, BinaryPrimitives.ReadUInt64BigEndian(history.Payload(packet)));
                return inputs.TryAdd(index, input) || inputs[index] == input;
            }
        }
    }

    private ulong _appended;

    private void AppendFrames(RtpHistory history, int count)
    {
        for (int frame = 0; frame < count; frame++)
        {
            bool keyframe = history.Frame % FramesPerGop == 0;
            int packets = count == 1 ? 1 : 3;
            for (int i = 0; i < packets; i++)
            {
                BinaryPrimitives.WriteUInt64BigEndian(history.Reserve(), _appended++);
                history.Commit(8, _timestamp, marker: i == packets - 1, startsKeyframe: keyframe && i == 0);
            }

            _timestamp += 3600;
        }
    }
}
