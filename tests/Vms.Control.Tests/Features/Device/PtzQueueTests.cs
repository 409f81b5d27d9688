using Vms.Control.Features.Device;
using Vms.Control.Features.Ptz;

namespace Vms.Control.Tests.Features.Device;

public sealed class PtzQueueTests
{
    private readonly PtzQueue _queue = new();
    private readonly List<string> _done = [];

    [Theory]
    [InlineData("m1 m2 m3", "m3")]                      // the latest wins
    [InlineData("m1 o1 m2 m3", "m1 o1 m3")]             // in their order
    [InlineData("m1 s1 m2", "s1 m2")]                   // a stop takes the place of what it ends
    [InlineData("m1 o1 m2 s1", "o1 s1")]
    [InlineData("s1 s2", "s2")]
    [InlineData("s1 o1 s2", "s1 o1 s2")]
    [InlineData("r1 r2 s1", "s1 r1 r2")]                // a stop does not wait for questions
    [InlineData("m1 o1 r1 s1 r2 s2", "o1 s1 s2 r1 r2")]
    [InlineData("o1 o2 o3", "o1 o2 o3")]                // each of the rest is done
    public async Task Orders_come_out_as_the_latest_of_moves_every_stop_and_each_of_the_rest(string orders, string expected)
    {
        var outcomes = orders.Split(' ').Select(Add).ToList();
        while (_queue.Take(moveMayGo: true) is { } order)
            order.Done.SetResult(await order.Act(null!, default));
        Assert.Equal(expected, string.Join(' ', _done));
        Assert.True(_queue.IsEmpty);
        Assert.All(await Task.WhenAll(outcomes.Select(outcome => outcome!)), Assert.Null);        // whoever was superseded is answered, too
    }

    [Fact]
    public void A_move_waits_for_the_device_to_have_its_rest_and_a_stop_does_not()
    {
        Add("m1");
        Assert.Null(_queue.Take(moveMayGo: false));
        Add("s1");
        Assert.Equal(PtzKind.Stop, _queue.Take(moveMayGo: false)!.Kind);
        Assert.True(_queue.IsEmpty);
    }

    [Fact]
    public void There_is_room_for_a_bounded_number_and_always_for_moves_and_stops()
    {
        for (int i = 0; i < PtzQueue.MaxOthers; i++)
            Assert.NotNull(Add("o"));
        Assert.Null(Add("o"));
        for (int i = 0; i < 100; i++)
        {
            Assert.NotNull(Add("m"));
            Assert.NotNull(Add("s"));
        }

        int left = 0;
        while (_queue.Take(moveMayGo: true) is not null)
            left++;
        Assert.Equal(PtzQueue.MaxOthers + 1, left);
    }

    private Task<DeviceFault?>? Add(string order) => _queue.Add(
        order[0] switch { 'm' => PtzKind.Move, 's' => PtzKind.Stop, 'r' => PtzKind.Read, _ => PtzKind.Other },
        (_, _) =>
        {
            _done.Add(order);
            return Task.FromResult<DeviceFault?>(null);
        });
}
