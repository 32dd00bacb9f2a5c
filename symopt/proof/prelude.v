Require Import Reals Lra Lia Psatz Arith.
Open Scope R_scope.

(* The sum of f over lo, lo + 1, ..., lo + n - 1. *)
Fixpoint sum_of (f : nat -> R) (lo n : nat) : R :=
  match n with O => 0 | S m => sum_of f lo m + f (lo + m)%nat end.

(* c if a <= b, else d. *)
Definition ite (a b c d : R) : R := if Rle_dec a b then c else d.
Definition sgn (a : R) : R := ite a 0 (ite 0 a 0 (-1)) 1.

Lemma sum_ext f g lo n :
  (forall i, (lo <= i)%nat -> (i < lo + n)%nat -> f i = g i) -> sum_of f lo n = sum_of g lo n.
Proof.
  induction n as [|n IH]; intro H; [reflexivity|]. cbn [sum_of].
  rewrite IH; [rewrite (H (lo + n)%nat); [reflexivity|lia|lia]|]. intros; apply H; lia.
Qed.
Lemma sum_plus f g lo n : sum_of (fun i => f i + g i) lo n = sum_of f lo n + sum_of g lo n.
Proof. induction n as [|n IH]; cbn [sum_of]; [ring|rewrite IH; ring]. Qed.
Lemma sum_scale c f lo n : sum_of (fun i => c * f i) lo n = c * sum_of f lo n.
Proof. induction n as [|n IH]; cbn [sum_of]; [ring|rewrite IH; ring]. Qed.
Lemma sum_zero lo n : sum_of (fun _ => 0) lo n = 0.
Proof. induction n as [|n IH]; cbn [sum_of]; [ring|rewrite IH; ring]. Qed.
Lemma sum_one lo n : sum_of (fun _ => 1) lo n = INR n.
Proof. induction n as [|n IH]; cbn [sum_of]; [reflexivity|rewrite IH, S_INR; ring]. Qed.
Lemma sum_ge f lo n : (forall i, (lo <= i)%nat -> (i < lo + n)%nat -> 0 <= f i) -> 0 <= sum_of f lo n.
Proof.
  induction n as [|n IH]; intro H; cbn [sum_of]; [lra|].
  apply Rplus_le_le_0_compat; [apply IH; intros; apply H; lia|apply H; lia].
Qed.

Lemma ite_le a b c d : a <= b -> ite a b c d = c.
Proof. intro H. unfold ite. destruct (Rle_dec a b); [reflexivity|contradiction]. Qed.
Lemma ite_gt a b c d : b < a -> ite a b c d = d.
Proof. intro H. unfold ite. destruct (Rle_dec a b); [lra|reflexivity]. Qed.
Lemma abs_ite a : Rabs a = ite 0 a a (-1 * a).
Proof. unfold ite, Rabs. destruct (Rcase_abs a), (Rle_dec 0 a); lra. Qed.
Lemma max_ite a b : Rmax a b = ite b a a b.
Proof. unfold ite, Rmax. destruct (Rle_dec a b), (Rle_dec b a); lra. Qed.
Lemma min_ite a b : Rmin a b = ite a b a b.
Proof. reflexivity. Qed.

Lemma root_is p q : 0 <= q -> p = q * q -> sqrt p = q.
Proof. intros H E. rewrite E. apply sqrt_square. exact H. Qed.
Lemma root_le p u : 0 <= u -> p <= u * u -> sqrt p <= u.
Proof. intros H E. rewrite <- (sqrt_square u H). apply sqrt_le_1_alt. exact E. Qed.
Lemma root_ge p l : 0 <= l -> l * l <= p -> l <= sqrt p.
Proof. intros H E. rewrite <- (sqrt_square l H). apply sqrt_le_1_alt. exact E. Qed.
Lemma pow_one b n : 0 <= b -> b <= 1 -> b ^ n <= 1.
Proof. intros H K. rewrite <- (pow1 n). apply pow_incr. lra. Qed.
Lemma pow_base b n : 0 <= b -> b <= 1 -> (1 <= n)%nat -> b ^ n <= b.
Proof.
  intros H K L. destruct n as [|n]; [lia|]. cbn [pow].
  replace b with (b * 1) at 3 by ring.
  apply Rmult_le_compat_l; [exact H|apply pow_one; assumption].
Qed.
Lemma square_pos d : d <> 0 -> 0 < d ^ 2.
Proof. intro H. rewrite <- Rsqr_pow2. apply Rsqr_pos_lt. exact H. Qed.
Lemma product_nonzero a b : a <> 0 -> b <> 0 -> a * b <> 0.
Proof. apply Rmult_integral_contrapositive_currified. Qed.
Lemma positive_of p : 0 <= p -> p <> 0 -> 0 < p.
Proof. intros [H|H] K; [exact H|]. exfalso; apply K; symmetry; exact H. Qed.
Lemma times_zero l e : e = 0 -> l * e = 0.
Proof. intro H. rewrite H. ring. Qed.

(* From a relation between terms to the sign of their forms' difference, and back. *)
Lemma to_ge a b p q : a <= b -> a = p -> b = q -> 0 <= q - p.  Proof. intros; subst; lra. Qed.
Lemma to_gt a b p q : a < b -> a = p -> b = q -> 0 < q - p.  Proof. intros; subst; lra. Qed.
Lemma to_eq a b p q : a = b -> a = p -> b = q -> q - p = 0.  Proof. intros; subst; lra. Qed.
Lemma to_ne a b p q : a <> b -> a = p -> b = q -> q - p <> 0.  Proof. intros H A B E; apply H; subst; lra. Qed.
Lemma back_ge a b p q : 0 <= q - p -> a = p -> b = q -> a <= b.  Proof. intros; subst; lra. Qed.
Lemma back_gt a b p q : 0 < q - p -> a = p -> b = q -> a < b.  Proof. intros; subst; lra. Qed.
Lemma back_eq a b p q : q - p = 0 -> a = p -> b = q -> a = b.  Proof. intros; subst; lra. Qed.
Lemma back_ne a b p q : q - p <> 0 -> a = p -> b = q -> a <> b.  Proof. intros H A B E; apply H; subst; lra. Qed.

(* The sign of f from that of f * s, and the other way round, for s > 0. *)
Lemma unscale_ge f s g : f * s = g -> 0 < s -> 0 <= g -> 0 <= f.
Proof. intros E S G. rewrite <- E in G. apply (Rmult_le_reg_r s); [exact S|lra]. Qed.
Lemma unscale_gt f s g : f * s = g -> 0 < s -> 0 < g -> 0 < f.
Proof. intros E S G. rewrite <- E in G. apply (Rmult_lt_reg_r s); [exact S|lra]. Qed.
Lemma unscale_eq f s g : f * s = g -> 0 < s -> g = 0 -> f = 0.
Proof. intros E S G. rewrite <- E in G. destruct (Rmult_integral _ _ G); [assumption|lra]. Qed.
Lemma unscale_ne f s g : f * s = g -> 0 < s -> g <> 0 -> f <> 0.
Proof. intros E S G K. apply G. rewrite <- E, K. ring. Qed.
Lemma scale_ge f s g : f * s = g -> 0 < s -> 0 <= f -> 0 <= g.
Proof. intros E S F. rewrite <- E. apply Rmult_le_pos; lra. Qed.
Lemma scale_gt f s g : f * s = g -> 0 < s -> 0 < f -> 0 < g.
Proof. intros E S F. rewrite <- E. apply Rmult_lt_0_compat; lra. Qed.
Lemma scale_eq f s g : f * s = g -> 0 < s -> f = 0 -> g = 0.
Proof. intros E S F. rewrite <- E, F. ring. Qed.
Lemma scale_ne f s g : f * s = g -> 0 < s -> f <> 0 -> g <> 0.
Proof. intros E S F. rewrite <- E. apply product_nonzero; lra. Qed.

Lemma from_here (first : nat) (P : nat -> Prop) :
  P first -> (forall n, (first <= n)%nat -> P n -> P (S n)) -> forall n, (first <= n)%nat -> P n.
Proof. intros B H n L. induction L as [|n L IH]; [exact B|exact (H n L IH)]. Qed.

(* Bounds of products and inverses, from bounds of what they are made of. *)
Lemma product_bounds a al ah b bl bh l h :
  al <= a <= ah -> bl <= b <= bh ->
  (l <= al * bl /\ l <= al * bh /\ l <= ah * bl /\ l <= ah * bh) /\
  (al * bl <= h /\ al * bh <= h /\ ah * bl <= h /\ ah * bh <= h) -> l <= a * b <= h.
Proof.
  intros [A B] [C D] [[? [? [? ?]]] [? [? [? ?]]]].
  destruct (Rle_or_lt 0 b) as [S|S].
  - assert (al * b <= a * b) by (apply Rmult_le_compat_r; lra).
    assert (a * b <= ah * b) by (apply Rmult_le_compat_r; lra).
    destruct (Rle_or_lt 0 al), (Rle_or_lt 0 ah); split; nra.
  - assert (ah * b <= a * b) by nra. assert (a * b <= al * b) by nra.
    destruct (Rle_or_lt 0 al), (Rle_or_lt 0 ah); split; nra.
Qed.
Lemma inverse_pos b bl bh l h : bl <= b <= bh -> 0 < bl /\ l * bh <= 1 /\ 0 <= l /\ 1 <= h * bl -> l <= / b <= h.
Proof.
  intros [A B] [P [L [N H]]]. assert (I : 0 < / b) by (apply Rinv_0_lt_compat; lra).
  assert (E : b * / b = 1) by (apply Rinv_r; lra). split; nra.
Qed.
Lemma inverse_neg b bl bh l h : bl <= b <= bh -> bh < 0 /\ 1 <= l * bh /\ h <= 0 /\ h * bl <= 1 -> l <= / b <= h.
Proof.
  intros [A B] [P [L [N H]]]. assert (I : / b < 0) by (apply Rinv_lt_0_compat; lra).
  assert (E : b * / b = 1) by (apply Rinv_r; lra). split; nra.
Qed.

(* A relation between terms from their bounds. *)
Lemma bounds_ge a al ah b bl bh : al <= a <= ah -> bl <= b <= bh -> ah <= bl -> a <= b.  Proof. lra. Qed.
Lemma bounds_gt a al ah b bl bh : al <= a <= ah -> bl <= b <= bh -> ah < bl -> a < b.  Proof. lra. Qed.
Lemma bounds_eq a c b : c <= a <= c -> c <= b <= c -> a = b.  Proof. lra. Qed.
Lemma bounds_ne a al ah b bl bh : al <= a <= ah -> bl <= b <= bh -> ah < bl \/ bh < al -> a <> b.  Proof. lra. Qed.

(* A fact from the few facts left in the context. *)
Ltac nonzero1 :=
  first
    [ assumption
    | lra
    | let E := fresh in intro E; first [ lra | match goal with H : _ <> 0 |- False => apply H; first [lra | rewrite E; ring] end ] ].
Ltac fact :=
  first [ lra | match goal with |- _ <> 0 => nonzero1 | |- 0 < _ => apply positive_of; [lra | nonzero1] end ].
Ltac nonzeros := repeat split; nonzero1.
Ltac products := repeat first [ assumption | apply pow_nonzero | apply product_nonzero ].
(* Two terms of the same shape, whose natural numbers are equal. *)
Ltac inr :=
  rewrite ?minus_INR by lia; rewrite ?plus_INR, ?mult_INR, ?S_INR; cbn [INR]; ring.
Ltac nats := first [ reflexivity | lia | solve [inr] | f_equal; nats ].
Ltac printed P := first [ change P | match goal with |- ?G => replace G with P by nats end ].
Ltac same H := first
  [ exact H
  | lia
  | let K := fresh in pose proof H as K; match type of K with ?P => match goal with |- ?G => replace G with P by nats end end; exact K ].
