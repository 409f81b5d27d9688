using Vms.Control.Features.LiveFeed;

namespace Vms.Control.Tests.Features;

public sealed class FeedQueueTests
{
    [Fact]
    public async Task A_listener_that_holds_back_too_many_bytes_is_cut_off_behind_what_it_still_gets()
    {
        var queue = new FeedQueue();
        var message = new byte[1 << 20];
        for (var i = 0; i < FeedQueue.MaxWaitingBytes / message.Length; i++)
            queue.TryAdd(message);
        Assert.Null(queue.End);
        queue.TryAdd([1]);
        Assert.Equal(FeedEnd.TooSlow, queue.End);
        Assert.Equal(8, await CountAsync(queue));
    }

    [Fact]
    public async Task A_listener_that_holds_back_too_many_messages_is_cut_off()
    {
        var queue = new FeedQueue();
        for (var i = 0; i < FeedQueue.MaxMessages; i++)
            queue.TryAdd([1]);
        Assert.Null(queue.End);
        queue.TryAdd([1]);
        Assert.Equal("tooSlow", queue.End?.Name);
        Assert.Equal(FeedQueue.MaxMessages, await CountAsync(queue));
    }

    [Fact]
    public async Task What_was_read_makes_room()
    {
        var queue = new FeedQueue();
        var half = new byte[FeedQueue.MaxWaitingBytes / 2];
        await using var read = queue.ReadAllAsync(CancellationToken.None).GetAsyncEnumerator();
        for (var i = 0; i < 10; i++)
        {
            queue.TryAdd(half);
            queue.TryAdd(half);
            Assert.True(await read.MoveNextAsync());
            Assert.True(await read.MoveNextAsync());
        }

        Assert.Null(queue.End);
        queue.Close(FeedEnd.Goodbye);
        Assert.False(await read.MoveNextAsync());
    }

    private static async Task<int> CountAsync(FeedQueue queue)
    {
        var count = 0;
        await foreach (var _ in queue.ReadAllAsync(CancellationToken.None))
            count++;
        return count;
    }
}
