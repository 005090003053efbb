// SPDX-License-Identifier: GPL-2.0
/*
 * Defects on demand, to see that a debug kernel reports each of them: writing to
 * /sys/kernel/debug/defects/NAME commits NAME once. For throw-away guests only.
 */
#include <linux/debugfs.h>
#include <linux/fs.h>
#include <linux/gfp.h>
#include <linux/kernel.h>
#include <linux/kthread.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/timer.h>
#include <linux/vmalloc.h>
#include <net/net_namespace.h>

#define LEAKS	8

/* What is read ends here, so that no read is optimised away */
static volatile int defects_sink;

static noinline int use_after_free(void)
{
	int *freed = kzalloc(64, GFP_KERNEL);

	if (!freed)
		return -ENOMEM;
	kfree(freed);
	OPTIMIZER_HIDE_VAR(freed);
	defects_sink = *freed;
	return 0;
}

static noinline int slab_out_of_bounds(void)
{
	char *p = kzalloc(60, GFP_KERNEL);

	if (!p)
		return -ENOMEM;
	OPTIMIZER_HIDE_VAR(p);
	defects_sink = p[60];
	kfree(p);
	return 0;
}

static noinline int vmalloc_out_of_bounds(void)
{
	char *p = vmalloc(100);

	if (!p)
		return -ENOMEM;
	OPTIMIZER_HIDE_VAR(p);
	/* Still in its page: the one after it would fault */
	defects_sink = p[200];
	vfree(p);
	return 0;
}

static noinline int stack_out_of_bounds(void)
{
	char few[8] = {};
	char *p = few;

	OPTIMIZER_HIDE_VAR(p);
	defects_sink = p[sizeof(few)];
	return 0;
}

static noinline int leak(void)
{
	int i;

	/* Several: a stale copy of a pointer on some stack hides its object */
	for (i = 0; i < LEAKS; i++)
		defects_sink = !kmalloc(100, GFP_KERNEL);
	return 0;
}

static noinline int shift(void)
{
	int by = 40;

	OPTIMIZER_HIDE_VAR(by);
	defects_sink = 1 << by;
	return 0;
}

static noinline int array_index(void)
{
	static struct {
		int few[4], more[4];
	} array;
	int i = 5;

	OPTIMIZER_HIDE_VAR(i);
	defects_sink = array.few[i];
	return 0;
}

/* No defect: these two fail when fault injection makes them */
static noinline int slab_alloc(void)
{
	void *p = kmalloc(64, GFP_KERNEL);

	kfree(p);
	return p ? 0 : -ENOMEM;
}

static noinline int page_alloc(void)
{
	unsigned long page = __get_free_page(GFP_KERNEL);

	free_page(page);
	return page ? 0 : -ENOMEM;
}

static noinline int lock_inversion(void)
{
	static DEFINE_MUTEX(one);
	static DEFINE_MUTEX(other);

	mutex_lock(&one);
	mutex_lock(&other);
	mutex_unlock(&other);
	mutex_unlock(&one);

	mutex_lock(&other);
	mutex_lock(&one);
	mutex_unlock(&one);
	mutex_unlock(&other);
	return 0;
}

static noinline int sleep_in_atomic(void)
{
	static DEFINE_SPINLOCK(lock);

	spin_lock(&lock);
	kfree(kmalloc(64, GFP_KERNEL));
	spin_unlock(&lock);
	return 0;
}

static noinline int rcu_outside(void)
{
	static int __rcu *shared;

	defects_sink = !rcu_dereference(shared);
	return 0;
}

static void nothing(struct rcu_head *head)
{
}

static noinline int rcu_head_twice(void)
{
	static struct rcu_head head;

	call_rcu(&head, nothing);
	call_rcu(&head, nothing);
	rcu_barrier();
	return 0;
}

static void expired(struct timer_list *timer)
{
}

static noinline int free_active_timer(void)
{
	struct timer_list *timer = kmalloc(sizeof(*timer), GFP_KERNEL);

	if (!timer)
		return -ENOMEM;
	timer_setup(timer, expired, 0);
	mod_timer(timer, jiffies + 3600 * HZ);
	kfree(timer);
	return 0;
}

static noinline int list_del_twice(void)
{
	struct list_head item;
	LIST_HEAD(list);

	list_add(&item, &list);
	list_del(&item);
	list_del(&item);
	return 0;
}

static noinline int put_net_twice(void)
{
	netns_tracker tracker;

	get_net_track(&init_net, &tracker, GFP_KERNEL);
	put_net_track(&init_net, &tracker);
	get_net(&init_net);
	put_net_track(&init_net, &tracker);
	return 0;
}

static int racing;

static noinline int race_on_cpu(void *unused)
{
	while (!kthread_should_stop()) {
		racing++;
		cond_resched();
	}
	return 0;
}

static noinline int unmarked_race(void)
{
	struct task_struct *task[2];
	int ret = 0;
	int cpu;

	for (cpu = 0; cpu < 2; cpu++) {
		task[cpu] = kthread_create(race_on_cpu, NULL, "race/%d", cpu);
		if (IS_ERR(task[cpu])) {
			ret = PTR_ERR(task[cpu]);
			break;
		}
		kthread_bind(task[cpu], cpu);
		wake_up_process(task[cpu]);
	}
	if (!ret)
		schedule_timeout_uninterruptible(HZ / 5);
	while (cpu--)
		kthread_stop(task[cpu]);
	return ret;
}

static const struct {
	const char *name;
	int (*commit)(void);
} defects[] = {
#define DEFECT(name)	{ #name, name }
	DEFECT(use_after_free),
	DEFECT(slab_out_of_bounds),
	DEFECT(vmalloc_out_of_bounds),
	DEFECT(stack_out_of_bounds),
	DEFECT(leak),
	DEFECT(shift),
	DEFECT(array_index),
	DEFECT(slab_alloc),
	DEFECT(page_alloc),
	DEFECT(lock_inversion),
	DEFECT(sleep_in_atomic),
	DEFECT(rcu_outside),
	DEFECT(rcu_head_twice),
	DEFECT(free_active_timer),
	DEFECT(list_del_twice),
	DEFECT(put_net_twice),
	DEFECT(unmarked_race),
};

static ssize_t defect_write(struct file *file, const char __user *buf, size_t len,
			    loff_t *pos)
{
	size_t i = (size_t)file_inode(file)->i_private;
	int ret = defects[i].commit();

	return ret ? ret : len;
}

static const struct file_operations defect_fops = {
	.owner	= THIS_MODULE,
	.open	= simple_open,
	.write	= defect_write,
};

static struct dentry *defects_dir;

static int __init defects_init(void)
{
	size_t i;

	defects_dir = debugfs_create_dir("defects", NULL);
	for (i = 0; i < ARRAY_SIZE(defects); i++)
		debugfs_create_file(defects[i].name, 0200, defects_dir, (void *)i,
				    &defect_fops);
	return 0;
}
module_init(defects_init);

static void __exit defects_exit(void)
{
	debugfs_remove(defects_dir);
}
module_exit(defects_exit);

MODULE_DESCRIPTION("Defects on demand: does this debug kernel report them?");
MODULE_LICENSE("GPL");
